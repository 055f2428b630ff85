#include "storage/base/anchors.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/base/errors.h"

namespace greffe {
namespace {

v1::TraceRule Rule(bool headings = true) {
  v1::TraceRule rule;
  rule.set_requirement_pattern("REQ-\\d+");
  rule.set_headings(headings);
  return rule;
}

std::string Ids(const std::vector<v1::Anchor>& anchors) {
  std::string ids;
  for (const v1::Anchor& anchor : anchors) ids += anchor.id() + "@" + std::to_string(anchor.line()) + " ";
  return ids;
}

TEST(AnchorsTest, HeadingsAndRequirementsBecomeAnchors) {
  const std::string text =
      "# Pump: duty & head\n"
      "\n"
      "REQ-001: The pump shall run. See REQ-009.\n"
      "It goes on.\n"
      "\n"
      "- **REQ-2** in a list\n"
      "- REQ-3, next\n"
      "12. REQ-4 numbered\n"
      "| REQ-5 | in a table |\n"
      "| other | row |\n"
      "as REQ-6 demands\n"
      "REQ-7a is no id\n"
      "## REQ-8 Flow ##\n"
      "## Pump: duty & head\n";
  const auto anchors = AnchorFinder(Rule()).Find(text);
  EXPECT_EQ(Ids(anchors), "pump-duty--head@1 REQ-001@3 REQ-2@6 REQ-3@7 REQ-4@8 REQ-5@9 REQ-8@13 pump-duty--head-1@14 ");
  EXPECT_EQ(anchors[0].title(), "Pump: duty & head");
  EXPECT_EQ(anchors[0].kind(), v1::ANCHOR_KIND_HEADING);
  EXPECT_EQ(anchors[1].kind(), v1::ANCHOR_KIND_REQUIREMENT);
  EXPECT_EQ(anchors[6].title(), "REQ-8 Flow");
}

TEST(AnchorsTest, CodeAndFrontMatterHaveNone) {
  const std::string text = "---\nREQ-1: x\n---\n```sh\n# not a heading\nREQ-2\n```\n#nor this\nREQ-3\n";
  EXPECT_EQ(Ids(AnchorFinder(Rule()).Find(text)), "REQ-3@9 ");
  EXPECT_TRUE(AnchorFinder(Rule()).Find(std::string("REQ-1\0", 6)).empty());
  EXPECT_TRUE(AnchorFinder(v1::TraceRule()).Find("# A\nREQ-1\n").empty());
}

TEST(AnchorsTest, AFenceWithALanguageClosesNoCode) {
  const std::string text = "````md\n```cpp\n````cpp\n# REQ-1 in code\n````` \t\nREQ-2\n~~~\n~~~ x\nREQ-3\n~~~\nREQ-4\n";
  EXPECT_EQ(Ids(AnchorFinder(Rule()).Find(text)), "REQ-2@6 REQ-4@11 ");
}

TEST(AnchorsTest, AHashIsOfTheSectionAlone) {
  const auto hashes = [](const std::string& text) {
    std::vector<std::string> found;
    for (const v1::Anchor& anchor : AnchorFinder(Rule()).Find(text)) found.push_back(anchor.sha256());
    return found;
  };
  const auto before = hashes("# A\n\nREQ-1 one\nmore\n\nREQ-2 two\n\n# B\nend\n");
  // Line ends and blank lines at the end of a section do not count.
  EXPECT_EQ(hashes("# A\r\n\r\nREQ-1 one\r\nmore\r\n\r\nREQ-2 two\r\n\r\n\r\n# B\r\nend"), before);
  const auto after = hashes("# A\n\nREQ-1 one\nchanged\n\nREQ-2 two\n\n# B\nend\n");
  ASSERT_EQ(after.size(), 4u);
  EXPECT_NE(after[0], before[0]);
  EXPECT_NE(after[1], before[1]);
  EXPECT_EQ(after[2], before[2]);
  EXPECT_EQ(after[3], before[3]);
}

TEST(AnchorsTest, OfVeryManyTheFirstOnesCount) {
  std::string text;
  for (int i = 0; i < kMaxAnchors + 10; ++i) text += "REQ-" + std::to_string(i) + "\n";
  EXPECT_EQ(AnchorFinder(Rule()).Find(text).size(), static_cast<std::size_t>(kMaxAnchors));
}

TEST(AnchorsTest, ARuleThatCannotBeIsNamed) {
  v1::Project project;
  project.add_document_types()->set_id("specification");
  const auto field = [&](const v1::TraceRule& rule) {
    *project.mutable_trace_rule() = rule;
    return std::string(ValidateTraceRule(project, "project.trace_rule").message());
  };
  EXPECT_EQ(field(Rule()), "");
  v1::TraceRule rule;
  rule.set_requirement_pattern("(");
  EXPECT_NE(field(rule).find("requirement_pattern"), std::string::npos);
  rule.set_requirement_pattern("x*");
  EXPECT_NE(field(rule).find("empty text"), std::string::npos);
  rule = Rule();
  rule.add_document_types("budget");
  EXPECT_NE(field(rule).find("document_types[0]"), std::string::npos);
  rule = Rule();
  rule.add_front_matter()->set_key("requires");
  EXPECT_NE(field(rule).find("front_matter[0].type"), std::string::npos);
  rule.mutable_front_matter(0)->set_type(v1::LINK_TYPE_RELATES_TO);
  rule.mutable_front_matter(0)->set_path_template("EIPS/eip.md");
  EXPECT_NE(field(rule).find("path_template"), std::string::npos);
  rule.mutable_front_matter(0)->set_path_template("EIPS/eip-{}.md");
  EXPECT_EQ(field(rule), "");
}

std::vector<std::string> IdsIn(const std::string& text) {
  std::vector<std::string> ids;
  for (const v1::Anchor& anchor : AnchorFinder(Rule()).Find(text)) ids.push_back(anchor.id());
  return ids;
}

TEST(AnchorsTest, IdsOfHeadingsInAnyLanguageAreThoseOfGitHub) {
  EXPECT_EQ(IdsIn("# \u00c9tude d\u2019impact \u2013 co\u00fbts\n"),
            (std::vector<std::string>{"\u00e9tude-dimpact--co\u00fbts"}));
  EXPECT_EQ(IdsIn("# \u041f\u043b\u0430\u043d_1 \u00ab\u0410\u00bb!\n"),
            (std::vector<std::string>{"\u043f\u043b\u0430\u043d_1-\u0430"}));
}

TEST(AnchorsTest, CodeInAParagraphIsNoFence) {
  EXPECT_EQ(IdsIn("```x``` is code\n\n# Flow\n"), (std::vector<std::string>{"flow"}));
  EXPECT_EQ(IdsIn("~~~ a`b\n# no\n~~~\n# Flow\n"), (std::vector<std::string>{"flow"}));
}

}  // namespace
}  // namespace greffe
