#include "storage/base/link_rules.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/link_cycles.h"

namespace greffe {
namespace {

std::string Reason(const std::string& name, const std::string& anchor = "") {
  return ReasonOf(ParseLinkEnd("p", name, anchor, "from").status());
}

TEST(LinkRulesTest, AnEndIsADocumentAVersionOrARecord) {
  const auto document = ParseLinkEnd("p", "projects/p/documents/SPC-1", "REQ-1", "from");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(LinkEndText(*document), "documents/SPC-1#REQ-1");
  EXPECT_EQ(document->DocumentNumber(), "SPC-1");
  EXPECT_EQ(FormatLinkEnd("p", *document), "projects/p/documents/SPC-1");
  const auto version = ParseLinkEnd("p", "projects/p/documents/SPC-1/versions/2", "", "from");
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(version->subject, document->subject);
  EXPECT_EQ(FormatLinkEnd("p", *version), "projects/p/documents/SPC-1/versions/2");

  EXPECT_EQ(Reason(""), "FIELD_REQUIRED");
  EXPECT_EQ(Reason("projects/q/documents/SPC-1"), "LINK_END_INVALID");
  EXPECT_EQ(Reason("projects/p/links/LNK-1"), "LINK_END_INVALID");
  EXPECT_EQ(Reason("projects/p/documents/SPC-1/versions/latest"), "LINK_END_INVALID");
  EXPECT_EQ(Reason("projects/p/documents/SPC-1/versions/2", "REQ-1"), "LINK_END_INVALID");
  EXPECT_EQ(Reason("projects/p/nothing/X-1"), "NAME_INVALID");
}

TEST(LinkRulesTest, AStateIsThatOfWhatIsThere) {
  EndFacts facts;
  EXPECT_EQ(EndState(facts, ""), v1::LINK_STATE_BROKEN);
  facts.exists = facts.anchor_found = true;
  facts.hash = "a";
  EXPECT_EQ(EndState(facts, "a"), v1::LINK_STATE_VALID);
  EXPECT_EQ(EndState(facts, "b"), v1::LINK_STATE_SUSPECT);
  facts.hash_known = false;
  EXPECT_EQ(EndState(facts, "a"), v1::LINK_STATE_SUSPECT);
  facts.hash_known = true;
  facts.anchor_found = false;
  EXPECT_EQ(EndState(facts, "a"), v1::LINK_STATE_BROKEN);
  facts.anchor_found = true;
  facts.withdrawn = true;
  EXPECT_EQ(EndState(facts, "a"), v1::LINK_STATE_BROKEN);
  EXPECT_EQ(WorseState(v1::LINK_STATE_SUSPECT, v1::LINK_STATE_VALID), v1::LINK_STATE_SUSPECT);
}

TEST(LinkRulesTest, ALinkToItselfIsRefused) {
  const auto reason = [](LinkEnd from, LinkEnd to, v1::LinkType type = v1::LINK_TYPE_SUPERSEDES) {
    return ReasonOf(ValidateLink(type, {std::move(from), std::move(to)}, "link"));
  };
  const std::string spc = "documents/SPC-1";
  EXPECT_EQ(reason({spc, 0, ""}, {spc, 0, ""}), "LINK_SELF");
  EXPECT_EQ(reason({spc, 0, ""}, {spc, 1, ""}), "LINK_SELF");
  EXPECT_EQ(reason({spc, 0, "REQ-1"}, {spc, 0, "REQ-1"}), "LINK_SELF");
  EXPECT_EQ(reason({spc, 0, "REQ-1"}, {spc, 0, "REQ-2"}), "");
  EXPECT_EQ(reason({spc, 2, ""}, {spc, 1, ""}), "");
  EXPECT_EQ(reason({spc, 1, ""}, {spc, 2, ""}), "LINK_CYCLE");
  EXPECT_EQ(reason({spc, 1, ""}, {spc, 2, ""}, v1::LINK_TYPE_RELATES_TO), "");
  EXPECT_EQ(reason({spc, 0, ""}, {"documents/B", 0, ""}, v1::LINK_TYPE_UNSPECIFIED), "LINK_TYPE_UNKNOWN");
  EXPECT_EQ(reason({spc, 0, ""}, {"documents/B", 0, ""}, static_cast<v1::LinkType>(77)), "LINK_TYPE_UNKNOWN");
}

TEST(LinkCyclesTest, EachGroupGivesItsShortestCircle) {
  using Path = std::vector<std::size_t>;
  EXPECT_TRUE(FindCycles({{1}, {2}, {}}, 10).empty());
  // 0 -> 1 -> 2 -> 0 and 1 -> 0; 3 to itself; 4 and 5 apart.
  const LinkGraph graph = {{1}, {2, 0}, {0}, {3, 0}, {5}, {4}};
  const auto cycles = FindCycles(graph, 10);
  ASSERT_EQ(cycles.size(), 3u);
  EXPECT_EQ(cycles[0], (Path{0, 1, 0}));
  EXPECT_EQ(cycles[1], (Path{3, 3}));
  EXPECT_EQ(cycles[2], (Path{4, 5, 4}));
  EXPECT_EQ(FindCycles(graph, 1).size(), 1u);
  // A chain may be long.
  LinkGraph chain(200'000);
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) chain[i].push_back(i + 1);
  EXPECT_TRUE(FindCycles(chain, 1).empty());
  chain.back().push_back(0);
  ASSERT_EQ(FindCycles(chain, 1).size(), 1u);
  EXPECT_EQ(FindCycles(chain, 1)[0].size(), chain.size() + 1);
}

}  // namespace
}  // namespace greffe
