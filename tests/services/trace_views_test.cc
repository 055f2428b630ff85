#include "storage/base/page_bytes.h"
#include "tests/services/trace_fixture.h"

namespace greffe {
namespace {

class TraceViewsTest : public TraceFixture {
 protected:
  // Takes the content of the document at `path` away from the repository, as a bad disk would.
  void Lose(const std::string& path) {
    Stop();
    const ShellResult lost =
        Shell("cd " + directory_.path() + "/data/repositories/apollo.git && blob=$(git rev-parse main:" + path +
              ") && mkdir away && mv objects/pack/pack-* away && for pack in away/*.pack; do git unpack-objects -q < "
              "$pack; " +
              "done && rm -r away && rm -f objects/$(echo $blob | cut -c 1-2)/$(echo $blob | cut -c 3-)");
    ASSERT_EQ(lost.exit_code, 0) << lost.output;
    Start();
  }
  void Release(const std::string& version) {
    v1::ReleaseVersionRequest request;
    request.set_name(version);
    Call(*versions_, &v1::Versions::Stub::ReleaseVersion, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  // The ids as of a baseline, behind the version that they are of.
  std::string AnchorsAsOf(const std::string& baseline, const std::string& number) {
    v1::ListAnchorsRequest request;
    request.set_parent(Doc(number));
    request.mutable_as_of()->set_baseline(baseline);
    const auto page = Call(*trace_, &v1::Trace::Stub::ListAnchors, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    std::string ids = std::to_string(page.version()) + ":";
    for (const v1::Anchor& anchor : page.anchors()) ids += " " + anchor.id();
    return ids;
  }
};

// Front matter's `requires` becomes links to eip-N.md.
v1::TraceRule RequiresRule() {
  v1::TraceRule rule;
  v1::FrontMatterRule& requires_rule = *rule.add_front_matter();
  requires_rule.set_key("requires");
  requires_rule.set_type(v1::LINK_TYPE_DERIVES_FROM);
  requires_rule.set_path_template("eip-{}.md");
  return rule;
}

TEST_F(TraceViewsTest, AnImpactGoesBothWaysAndShowsCycles) {
  Make(v1::LINK_TYPE_SATISFIES, Doc("SPC-0002"), Doc("SPC-0001"), "REQ-1");
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0002"));
  const std::int64_t before = Sequence();
  Make(v1::LINK_TYPE_EVIDENCES, Doc("REC-0001"), Doc("PRC-0001"));
  const auto impact = Impact(Doc("SPC-0001"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Names(impact.dependents()), "SPC-0002@1 PRC-0001@2 REC-0001@3 ");
  EXPECT_EQ(impact.dependencies_size(), 0);
  EXPECT_EQ(impact.dependents(1).via(), Doc("SPC-0002"));
  EXPECT_EQ(impact.dependents(1).link(), "projects/apollo/links/LNK-0002");
  EXPECT_EQ(impact.cycles_size(), 0);
  EXPECT_EQ(Names(Impact(Doc("REC-0001")).dependencies()), "PRC-0001@1 SPC-0002@2 SPC-0001@3 ");
  EXPECT_EQ(Names(Impact(Doc("SPC-0001"), before).dependents()), "SPC-0002@1 PRC-0001@2 ");

  Make(v1::LINK_TYPE_RELATES_TO, Doc("SPC-0002"), Doc("REC-0001"));
  const auto circular = Impact(Doc("SPC-0001"));
  EXPECT_EQ(Names(circular.dependents()), "SPC-0002@1 PRC-0001@2 REC-0001@3 ");
  ASSERT_EQ(circular.cycles_size(), 1);
  ASSERT_EQ(circular.cycles(0).path_size(), 4);
  EXPECT_EQ(circular.cycles(0).path(0), Doc("SPC-0002"));
  EXPECT_EQ(circular.cycles(0).path(1), Doc("REC-0001")) << "each depends on the next";
  EXPECT_EQ(circular.cycles(0).path(3), Doc("SPC-0002"));

  v1::GetImpactRequest request;
  request.set_name(Doc("SPC-0001"));
  request.set_max_depth(1);
  EXPECT_TRUE(Call(*trace_, &v1::Trace::Stub::GetImpact, request).truncated());
  request.set_max_depth(0);
  request.set_max_results(2);
  const auto cut = Call(*trace_, &v1::Trace::Stub::GetImpact, request);
  EXPECT_EQ(cut.dependents_size(), 2);
  EXPECT_TRUE(cut.truncated());
  request.set_max_results(0);
  request.set_anchor("REQ-2");
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::GetImpact, request).dependents_size(), 0);
  request.clear_anchor();
  request.add_types(v1::LINK_TYPE_SATISFIES);
  EXPECT_EQ(Names(Call(*trace_, &v1::Trace::Stub::GetImpact, request).dependents()), "SPC-0002@1 ");
  Impact(Doc("SPC-0099"));
  EXPECT_EQ(Reason(), "DOCUMENT_NOT_FOUND");
  Impact("projects/apollo");
  EXPECT_EQ(Reason(), "NAME_INVALID");
}

TEST_F(TraceViewsTest, AnImpactOfAnAnchorGoesOnThroughTheSameDocument) {
  v1::CreateLinkRequest derive;
  derive.set_parent(kProject);
  *derive.mutable_link() = LinkOf(v1::LINK_TYPE_DERIVES_FROM, Doc("SPC-0001"), Doc("SPC-0001"), "REQ-1");
  derive.mutable_link()->set_from_anchor("REQ-2");
  Call(*trace_, &v1::Trace::Stub::CreateLink, derive);
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "REQ-2");
  v1::GetImpactRequest request;
  request.set_name(Doc("SPC-0001"));
  request.set_anchor("REQ-1");
  const auto ask = [&] { return Call(*trace_, &v1::Trace::Stub::GetImpact, request); };
  auto impact = ask();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Names(impact.dependents()), "SPC-0001@1 PRC-0001@2 ");
  EXPECT_EQ(impact.dependents(0).anchor(), "REQ-2");
  EXPECT_EQ(impact.dependents(0).link(), "projects/apollo/links/LNK-0001");
  EXPECT_EQ(impact.dependencies_size(), 0);
  EXPECT_EQ(impact.cycles_size(), 0);
  request.set_max_depth(1);
  impact = ask();
  EXPECT_EQ(Names(impact.dependents()), "SPC-0001@1 ");
  EXPECT_TRUE(impact.truncated());
  request.set_max_depth(0);
  request.set_max_results(1);
  impact = ask();
  EXPECT_EQ(Names(impact.dependents()), "SPC-0001@1 ");
  EXPECT_TRUE(impact.truncated());
  request.set_max_results(0);
  request.set_anchor("REQ-2");
  impact = ask();
  EXPECT_EQ(Names(impact.dependents()), "PRC-0001@1 ");
  EXPECT_EQ(Names(impact.dependencies()), "SPC-0001@1 ");
  request.clear_anchor();
  impact = ask();
  EXPECT_EQ(Names(impact.dependents()), "PRC-0001@1 ") << "never itself, asked for as a whole";
  EXPECT_EQ(impact.cycles_size(), 0);

  // By way of another document, which is a cycle then.
  Make(v1::LINK_TYPE_VERIFIES, Doc("REC-0001"), Doc("SPC-0001"), "REQ-1");
  derive.mutable_link()->set_to(Doc("REC-0001"));
  derive.mutable_link()->clear_to_anchor();
  Call(*trace_, &v1::Trace::Stub::CreateLink, derive);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  request.set_anchor("REQ-1");
  impact = ask();
  EXPECT_EQ(Names(impact.dependents()), "SPC-0001@1 REC-0001@1 PRC-0001@2 ");
  ASSERT_EQ(impact.cycles_size(), 1);
  EXPECT_EQ(impact.cycles(0).path_size(), 3);

  CheckIn(Next("SPC-0002", "second design"));
  Make(v1::LINK_TYPE_SUPERSEDES, Doc("SPC-0002") + "/versions/2", Doc("SPC-0002") + "/versions/1");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  impact = Impact(Doc("SPC-0002"));
  EXPECT_EQ(impact.dependents_size(), 0);
  EXPECT_EQ(impact.cycles_size(), 0) << "its own versions";
}

TEST_F(TraceViewsTest, AMatrixHasGapsAndWhatHasNoLinkIsAnOrphan) {
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "REQ-1");
  Make(v1::LINK_TYPE_RELATES_TO, Doc("REC-0001"), Doc("SPC-0001"), "REQ-2");
  v1::GetCoverageMatrixRequest request = MatrixRequest();
  auto matrix = Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Text(matrix), "SPC-0001#REQ-1:PRC-0001, SPC-0001#REQ-2: ");
  EXPECT_EQ(matrix.rows(0).title(), "REQ-1 The pump delivers 30 l/s.");
  EXPECT_FALSE(matrix.rows(0).cells(0).outgoing());
  EXPECT_EQ(matrix.rows(0).cells(0).state(), v1::LINK_STATE_VALID);
  request.set_gaps_only(true);
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "SPC-0001#REQ-2: ");
  request.set_gaps_only(false);
  request.add_types(v1::LINK_TYPE_IMPLEMENTS);
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "SPC-0001#REQ-1: SPC-0001#REQ-2: ");

  // The other way round, and page by page.
  request = MatrixRequest();
  std::swap(*request.mutable_rows(), *request.mutable_columns());
  matrix = Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  EXPECT_EQ(Text(matrix), "PRC-0001#:SPC-0001, ");
  EXPECT_EQ(matrix.rows(0).cells(0).anchor(), "REQ-1");
  request.mutable_rows()->set_document_type("specification");
  request.mutable_columns()->set_document_type("record");
  request.mutable_columns()->clear_anchors();
  request.set_page_size(1);
  matrix = Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  EXPECT_EQ(Text(matrix), "SPC-0001#:REC-0001, ");
  request.set_page_token(matrix.next_page_token());
  matrix = Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  EXPECT_EQ(Text(matrix), "SPC-0002#: ");
  EXPECT_EQ(matrix.next_page_token(), "");

  // A document of another type is another column.
  v1::UpdateDocumentRequest retype;
  retype.mutable_document()->set_name(Doc("PRC-0001"));
  retype.mutable_document()->set_type("checklist");
  retype.mutable_update_mask()->add_paths("type");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, retype);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  request = MatrixRequest();
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "SPC-0001#REQ-1: SPC-0001#REQ-2: ");
  request.mutable_columns()->set_document_type("checklist");
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)),
            "SPC-0001#REQ-1:PRC-0001, SPC-0001#REQ-2: ");
  request.mutable_as_of()->set_sequence(Sequence() - 1);
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "SPC-0001#REQ-1: SPC-0001#REQ-2: ");

  v1::ListOrphansRequest orphans;
  orphans.set_parent("projects/apollo");
  auto page = Call(*trace_, &v1::Trace::Stub::ListOrphans, orphans);
  ASSERT_EQ(page.orphans_size(), 1);
  EXPECT_EQ(page.orphans(0).name(), Doc("SPC-0002"));
  orphans.mutable_of()->set_document_type("specification");
  orphans.mutable_of()->set_anchors(v1::ANCHOR_KIND_HEADING);
  page = Call(*trace_, &v1::Trace::Stub::ListOrphans, orphans);
  ASSERT_EQ(page.orphans_size(), 1);
  EXPECT_EQ(page.orphans(0).anchor(), "flow");

  request = MatrixRequest();
  request.mutable_rows()->set_document_type("poem");
  Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  EXPECT_EQ(Reason(), "DOCUMENT_TYPE_UNKNOWN");
  EXPECT_EQ(Field(), "rows.document_type");
  request.mutable_rows()->set_collection("links");
  Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  EXPECT_EQ(Reason(), "COLLECTION_UNKNOWN");
  request.clear_rows();
  Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  EXPECT_EQ(Reason(), "FIELD_REQUIRED");
  request = MatrixRequest();
  request.add_types(static_cast<v1::LinkType>(99));
  Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
  EXPECT_EQ(Field(), "types[0]");
}

// 19,000 cells, of some 240 bytes each.
TEST_F(TraceViewsTest, APageOfAMatrixIsNoLargerThanAMessage) {
  constexpr int kSpecifications = 20;
  constexpr int kAnchors = 10;  // of each
  constexpr int kProcedures = 70;
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name(kProject);
  v1::NumberingRule& rule = *update.mutable_project()->mutable_numbering_rule();
  rule.set_separator("-");
  rule.set_digits(4);
  rule.set_pattern("[SP][0-9]+");  // any length
  update.mutable_update_mask()->add_paths("numbering_rule");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto anchor = [](int i) { return "REQ-" + std::string(96, '1') + std::to_string(1000 + i); };
  std::string text;
  for (int i = 0; i < kAnchors; ++i) text += anchor(i) + " It works.\n\n";
  v1::BatchCheckInRequest batch;
  batch.set_parent(kProject);
  for (int i = 0; i < kSpecifications + kProcedures; ++i) {
    const bool specified = i < kSpecifications;
    v1::CheckInItem& item = *batch.add_items();
    item = NewOf(specified ? "specification" : "procedure", "many/" + std::to_string(i) + ".md", text).item();
    item.set_document_id((specified ? "S" : "P") + std::string(59, '1') + std::to_string(1000 + i));
  }
  const auto made = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::BatchCreateLinksRequest links;
  links.set_parent(kProject);
  for (int i = kSpecifications; i < kSpecifications + kProcedures; ++i) {
    for (int n = 0; n < kSpecifications * kAnchors; ++n) {
      *links.add_links() = LinkOf(v1::LINK_TYPE_VERIFIES, made.results(i).document().name(),
                                  made.results(n / kAnchors).document().name(), anchor(n % kAnchors));
    }
    if (links.links_size() < 1000) continue;
    Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, links);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    links.clear_links();
  }
  ASSERT_EQ(links.links_size(), 0);

  v1::GetCoverageMatrixRequest request = MatrixRequest();
  std::swap(*request.mutable_rows(), *request.mutable_columns());
  request.set_page_size(1000);
  int rows = 0;
  int cells = 0;
  int pages = 0;
  do {
    const auto page = Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_LE(page.ByteSizeLong(), kPageBytes + 1000);
    for (const v1::CoverageRow& row : page.rows()) cells += row.cells_size();
    rows += page.rows_size();
    ++pages;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(cells, kProcedures * kSpecifications * kAnchors);
  EXPECT_EQ(rows, kProcedures + 1) << "and the one that verifies nothing";
  EXPECT_EQ(pages, 2);
}

TEST_F(TraceViewsTest, AnchorsAreListedAsTheyWere) {
  v1::ListAnchorsRequest request;
  request.set_parent(Doc("SPC-0001"));
  request.set_page_size(2);
  auto page = Call(*trace_, &v1::Trace::Stub::ListAnchors, request);
  ASSERT_EQ(page.anchors_size(), 2) << status_.error_message();
  EXPECT_EQ(page.anchors(0).id(), "flow");
  EXPECT_EQ(page.anchors(1).id(), "REQ-1");
  EXPECT_EQ(page.version(), 1);
  request.set_page_token(page.next_page_token());
  page = Call(*trace_, &v1::Trace::Stub::ListAnchors, request);
  ASSERT_EQ(page.anchors_size(), 1);
  EXPECT_EQ(page.anchors(0).id(), "REQ-2");
  EXPECT_EQ(page.next_page_token(), "");
  const std::int64_t before = Sequence();
  CheckIn(Next("SPC-0001", "nothing"));
  request.Clear();
  request.set_parent(Doc("SPC-0001"));
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ListAnchors, request).anchors_size(), 0);
  request.mutable_as_of()->set_sequence(before);
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ListAnchors, request).anchors_size(), 3);
  request.Clear();
  request.set_parent(Doc("PRC-0001"));
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ListAnchors, request).anchors_size(), 0) << "its type is not traced";
}

TEST_F(TraceViewsTest, FrontMatterBecomesLinksAndWhatCannotIsReported) {
  v1::ImportFrontMatterLinksRequest request;
  request.set_parent("projects/apollo");
  Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  EXPECT_EQ(Reason(), "NO_TRACE_RULE");
  v1::TraceRule rule = RequiresRule();
  v1::FrontMatterRule& superseded = *rule.add_front_matter();
  superseded.set_key("superseded-by");
  superseded.set_type(v1::LINK_TYPE_SUPERSEDES);
  superseded.set_reverse(true);
  SetTraceRule(rule);
  CheckIn(NewAt("eip-1.md", "---\nrequires: 2, 9, 1\n---\n"));                     // SPC-0003
  CheckIn(NewAt("eip-2.md", "---\nrequires: 1\nsuperseded-by: SPC-0001\n---\n"));  // SPC-0004
  const std::int64_t before = Sequence();

  request.set_validate_only(true);
  const auto would = Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(would.links_created(), 2);
  EXPECT_EQ(Sequence(), before);
  EXPECT_EQ(List(""), "");

  request.set_validate_only(false);
  const auto made = Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(made.DebugString(), would.DebugString());
  EXPECT_EQ(Sequence(), before + 1);
  EXPECT_EQ(made.values_found(), 5);
  EXPECT_EQ(made.links_created(), 2);
  std::multiset<std::string> reasons;
  for (const v1::FrontMatterSkip& skip : made.skipped()) reasons.insert(skip.value() + " " + skip.reason());
  EXPECT_EQ(reasons, (std::multiset<std::string>{"1 LINK_CYCLE", "1 LINK_SELF", "9 TARGET_NOT_FOUND"}));
  EXPECT_EQ(List("origin = \"superseded-by\" AND from = \"" + Doc("SPC-0001") + "\""), "LNK-0002");
  const auto again = Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  EXPECT_EQ(again.links_created(), 0);
  EXPECT_EQ(again.links_existing(), 2);
  EXPECT_EQ(Sequence(), before + 1);
}

TEST_F(TraceViewsTest, SkipsOfLongValuesAreShort) {
  v1::TraceRule rule = RequiresRule();
  std::string path;
  for (int i = 0; i < 500; ++i) path += "{}";
  v1::FrontMatterRule& key = *rule.mutable_front_matter(0);
  key.set_path_template(path);
  SetTraceRule(rule);
  CheckIn(NewAt("long.md", "---\nrequires: " + std::string(500'000, 'x') + "\n---\n"));
  CheckIn(NewAt("shorter.md", "---\nrequires: " + std::string(1000, 'y') + "\n---\n"));
  v1::ImportFrontMatterLinksRequest request;
  request.set_parent("projects/apollo");
  const auto made = Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(made.skipped_size(), 2);
  for (const v1::FrontMatterSkip& skip : made.skipped()) {
    EXPECT_EQ(skip.reason(), "TARGET_NOT_FOUND");
    EXPECT_LE(skip.detail().size(), 300u);
  }
}

TEST_F(TraceViewsTest, AnImportOfFrontMatterThatIsAskedAgainTellsTheSame) {
  SetTraceRule(RequiresRule());
  CheckIn(NewAt("eip-1.md", "---\nrequires: 2, 9, 1\n---\n"));
  CheckIn(NewAt("eip-2.md", "text\n"));
  v1::ImportFrontMatterLinksRequest request;
  request.set_parent("projects/apollo");
  for (const char* id : {"makes-one", "changes-nothing"}) {
    request.set_request_id(id);
    const auto first = Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(first.links_created() + first.links_existing(), 1) << id;
    EXPECT_EQ(first.skipped_size(), 2) << id;
    const auto again = Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(again.DebugString(), first.DebugString()) << id;
  }
}

// The answer that said that more wait may be the one that was lost.
TEST_F(TraceViewsTest, AScanOfAnchorsThatIsAskedAgainSaysThatMoreDocumentsWait) {
  v1::ScanAnchorsRequest scan;
  scan.set_parent("projects/apollo");
  scan.set_request_id("scan");
  v1::TraceRule rule;
  rule.set_headings(true);
  SetTraceRule(rule);
  const auto first = Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_GT(first.documents_scanned(), 0);
  EXPECT_FALSE(first.more());
  rule.set_requirement_pattern("XYZ-[0-9]+");
  SetTraceRule(rule);
  const auto again = Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(again.documents_scanned(), first.documents_scanned());
  EXPECT_TRUE(again.more());
}

TEST_F(TraceViewsTest, AScanOfAnchorsThatIsAskedAgainCountsNoLinksThatItChanged) {
  v1::TraceRule rule;
  rule.set_headings(true);
  SetTraceRule(rule);
  CheckIn(Next("SPC-0001", "# Flow\n\n## More\n"));
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "more");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  rule.set_headings(false);
  rule.set_requirement_pattern("REQ-[0-9]+");  // the scan takes the anchor away, and the link is broken
  SetTraceRule(rule);
  v1::ScanAnchorsRequest scan;
  scan.set_parent("projects/apollo");
  scan.set_request_id("scan");
  const auto first = Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(List("state = BROKEN"), "LNK-0001");
  const auto again = Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(again.documents_scanned(), first.documents_scanned());
  EXPECT_EQ(again.anchors_found(), first.anchors_found());
}

TEST_F(TraceViewsTest, AWithdrawnDocumentIsNoColumnAndLeavesAGap) {
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "REQ-1");
  v1::GetCoverageMatrixRequest request = MatrixRequest();
  request.set_gaps_only(true);
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "SPC-0001#REQ-2: ");
  Withdraw("PRC-0001");
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "SPC-0001#REQ-1: SPC-0001#REQ-2: ");
  request.set_gaps_only(false);
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "SPC-0001#REQ-1: SPC-0001#REQ-2: ");
}

// What a baseline does not have is passed over, and its pages are those of the baseline.
TEST_F(TraceViewsTest, MatrixAndOrphansAsOfABaselineHaveItsDocumentsAlone) {
  CheckIn(NewAt("spare.md", "spare"));  // SPC-0003
  v1::CreateBaselineRequest freeze;
  freeze.set_parent("projects/apollo");
  freeze.set_baseline_id("G1");
  freeze.mutable_baseline()->set_reason("gate");
  auto& scope = *freeze.mutable_baseline()->mutable_scope()->mutable_list();
  scope.add_documents(Doc("SPC-0001"));
  scope.add_documents(Doc("SPC-0003"));
  Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, freeze);
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  v1::ListOrphansRequest orphans;
  orphans.set_parent("projects/apollo");
  orphans.mutable_of()->set_document_type("specification");
  orphans.mutable_as_of()->set_baseline("projects/apollo/baselines/G1");
  orphans.set_page_size(1);
  std::string names;
  do {
    const auto page = Call(*trace_, &v1::Trace::Stub::ListOrphans, orphans);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const v1::CoverageRow& row : page.orphans()) names += row.name() + " ";
    orphans.set_page_token(page.next_page_token());
  } while (!orphans.page_token().empty());
  EXPECT_EQ(names, Doc("SPC-0001") + " " + Doc("SPC-0003") + " ");

  v1::GetCoverageMatrixRequest request = MatrixRequest();
  request.mutable_rows()->clear_anchors();
  *request.mutable_as_of() = orphans.as_of();
  request.set_page_size(1);
  std::string rows;
  do {
    const auto page = Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    rows += Text(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(rows, "SPC-0001#: SPC-0003#: ");
}

// A later version's headings are not those of the one that was frozen.
TEST_F(TraceViewsTest, AsOfABaselineAnchorsAreThoseOfTheFrozenVersions) {
  const v1::TraceRule rule = [] {
    v1::TraceRule some;
    some.set_requirement_pattern("REQ-\\d+");
    some.set_headings(true);
    return some;
  }();
  SetTraceRule({});
  CheckIn(NewAt("late.md", "# Early\n"));  // SPC-0003
  SetTraceRule(rule);
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "REQ-1");
  for (const char* number : {"SPC-0001", "SPC-0002", "SPC-0003", "PRC-0001"}) Release(Doc(number) + "/versions/1");
  CheckIn(Next("SPC-0001", "# Flow\n\nREQ-3 It floats.\n"));
  CheckIn(Next("SPC-0001", "# Flow\n\nREQ-4 It sinks.\n"));
  CheckIn(Next("SPC-0003", "# Late\n"));
  v1::CreateBaselineRequest freeze;
  freeze.set_parent("projects/apollo");
  freeze.set_baseline_id("G1");
  freeze.mutable_baseline()->set_reason("gate");
  freeze.mutable_baseline()->set_selection(v1::BASELINE_SELECTION_RELEASED);
  const std::string baseline = Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, freeze).name();
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  EXPECT_EQ(AnchorsAsOf(baseline, "SPC-0001"), "1: flow REQ-1 REQ-2");
  EXPECT_EQ(AnchorsAsOf(baseline, "SPC-0003"), "0:") << "its first version was never looked at";
  v1::GetCoverageMatrixRequest request = MatrixRequest();
  request.mutable_as_of()->set_baseline(baseline);
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)),
            "SPC-0001#REQ-1:PRC-0001, SPC-0001#REQ-2: ");
  std::swap(*request.mutable_rows(), *request.mutable_columns());
  EXPECT_EQ(Text(Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request)), "PRC-0001#:SPC-0001, ");
}

TEST_F(TraceViewsTest, ADamagedTextKeepsNoOtherOneFromBeingScannedAndIsToldAtTheEnd) {
  Lose("requirements.md");
  v1::TraceRule rule;
  rule.set_headings(true);
  SetTraceRule(rule);
  v1::ScanAnchorsRequest scan;
  scan.set_parent("projects/apollo");
  scan.set_request_id("scan");
  const auto scanned = Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(scanned.documents_scanned(), 3);
  EXPECT_TRUE(scanned.more());
  const auto again = Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(again.DebugString(), scanned.DebugString());
  scan.clear_request_id();
  Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS) << "nothing else is left";
}

TEST_F(TraceViewsTest, ADamagedTextKeepsNoOtherOnesFrontMatterFromBecomingLinks) {
  CheckIn(NewAt("eip-1.md", "---\nrequires: 2\n---\n"));
  CheckIn(NewAt("eip-2.md", "text\n"));
  Lose("requirements.md");
  SetTraceRule(RequiresRule());
  v1::ImportFrontMatterLinksRequest request;
  request.set_parent("projects/apollo");
  const auto made = Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(made.links_created(), 1);
  ASSERT_EQ(made.skipped_size(), 1);
  EXPECT_EQ(made.skipped(0).document(), Doc("SPC-0001"));
  EXPECT_EQ(made.skipped(0).reason(), "CONTENT_DAMAGED");
  EXPECT_FALSE(made.skipped(0).detail().empty());
}

TEST_F(TraceViewsTest, AnImportOfFrontMatterReadsOnlySoMuch) {
  Stop();
  limits_.turn_bytes = 4;
  Start();
  SetTraceRule(RequiresRule());
  CheckIn(NewAt("eip-1.md", "---\nrequires: 2\n---\n"));
  v1::ImportFrontMatterLinksRequest request;
  request.set_parent("projects/apollo");
  Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  EXPECT_EQ(Reason(), "IMPORT_TOO_LARGE");
  EXPECT_EQ(Field(), "filter");
  request.set_filter("path = \"eip-1.md\"");
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request).values_found(), 1);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

}  // namespace
}  // namespace greffe
