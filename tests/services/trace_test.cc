#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr char kRequirements[] = "# Flow\n\nREQ-1 The pump delivers 30 l/s.\n\nREQ-2 It stops when dry.\n";

std::string Doc(const std::string& number) { return "projects/apollo/documents/" + number; }

class TraceTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    v1::UpdateProjectRequest update;
    update.mutable_project()->set_name("projects/apollo");
    v1::TraceRule& rule = *update.mutable_project()->mutable_trace_rule();
    rule.set_requirement_pattern("REQ-\\d+");
    rule.set_headings(true);
    rule.add_document_types("specification");
    update.mutable_update_mask()->add_paths("trace_rule");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    CheckIn(NewAt("requirements.md", kRequirements));  // SPC-0001
    CheckIn(NewAt("design.md", "design"));             // SPC-0002
    CheckIn(NewOf("procedure", "test.md", "test"));    // PRC-0001
    CheckIn(NewOf("record", "result.md", "result"));   // REC-0001
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  static v1::CheckInRequest NewOf(const std::string& type, const std::string& path, const std::string& text) {
    v1::CheckInRequest request = NewAt(path, text);
    request.mutable_item()->mutable_new_document()->set_type(type);
    return request;
  }
  static v1::Link LinkOf(v1::LinkType type, const std::string& from, const std::string& to,
                         const std::string& to_anchor = "") {
    v1::Link link;
    link.set_type(type);
    link.set_from(from);
    link.set_to(to);
    link.set_to_anchor(to_anchor);
    return link;
  }
  v1::Link Make(v1::LinkType type, const std::string& from, const std::string& to, const std::string& to_anchor = "") {
    v1::CreateLinkRequest request;
    request.set_parent("projects/apollo");
    *request.mutable_link() = LinkOf(type, from, to, to_anchor);
    return Call(*trace_, &v1::Trace::Stub::CreateLink, request);
  }
  v1::Link Get(const std::string& name, std::int64_t sequence = 0) {
    v1::GetLinkRequest request;
    request.set_name(name);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*trace_, &v1::Trace::Stub::GetLink, request);
  }
  // The ids of the links that match.
  std::string List(const std::string& filter, std::int64_t sequence = 0) {
    v1::ListLinksRequest request;
    request.set_parent("projects/apollo");
    request.set_filter(filter);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    std::string ids;
    const v1::ListLinksResponse page = Call(*trace_, &v1::Trace::Stub::ListLinks, request);
    for (const v1::Link& link : page.links()) {
      ids += (ids.empty() ? "" : " ") + link.name().substr(link.name().rfind('/') + 1);
    }
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return ids;
  }
  v1::Link Confirm(const std::string& name, const std::string& reason = "read it") {
    v1::ConfirmLinkRequest request;
    request.set_name(name);
    request.set_reason(reason);
    return Call(*trace_, &v1::Trace::Stub::ConfirmLink, request);
  }
  v1::GetImpactResponse Impact(const std::string& name, std::int64_t sequence = 0) {
    v1::GetImpactRequest request;
    request.set_name(name);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*trace_, &v1::Trace::Stub::GetImpact, request);
  }
  static std::string Names(const google::protobuf::RepeatedPtrField<v1::ImpactNode>& nodes) {
    std::string names;
    for (const v1::ImpactNode& node : nodes) {
      names += node.name().substr(node.name().rfind('/') + 1) + "@" + std::to_string(node.depth()) + " ";
    }
    return names;
  }
  v1::GetCoverageMatrixRequest MatrixRequest() {
    v1::GetCoverageMatrixRequest request;
    request.set_parent("projects/apollo");
    request.mutable_rows()->set_document_type("specification");
    request.mutable_rows()->set_anchors(v1::ANCHOR_KIND_REQUIREMENT);
    request.mutable_columns()->set_document_type("procedure");
    return request;
  }
  static std::string Text(const v1::GetCoverageMatrixResponse& matrix) {
    std::string text;
    for (const v1::CoverageRow& row : matrix.rows()) {
      text += row.name().substr(row.name().rfind('/') + 1) + "#" + row.anchor() + ":";
      for (const v1::CoverageCell& cell : row.cells()) text += cell.name().substr(cell.name().rfind('/') + 1) + ",";
      text += " ";
    }
    return text;
  }
  void Withdraw(const std::string& number) {
    v1::WithdrawDocumentRequest request;
    request.set_name(Doc(number));
    Call(*documents_, &v1::Documents::Stub::WithdrawDocument, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  std::int64_t Sequence() {
    v1::GetProjectRequest request;
    request.set_name("projects/apollo");
    return Call(*projects_, &v1::Projects::Stub::GetProject, request).sequence();
  }
};

TEST_F(TraceTest, ALinkIsPinnedAndGoesFromValidToSuspectAndBack) {
  const v1::Link made = Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0002"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(made.name(), "projects/apollo/links/LNK-0001");
  EXPECT_EQ(made.state(), v1::LINK_STATE_VALID);
  EXPECT_EQ(made.from_hash().size(), 64u);
  EXPECT_EQ(made.etag().size(), 40u);
  const std::int64_t before = Sequence();

  CheckIn(Next("SPC-0002", "design, changed"));
  v1::Link link = Get(made.name());
  EXPECT_EQ(link.state(), v1::LINK_STATE_SUSPECT);
  EXPECT_EQ(link.from_state(), v1::LINK_STATE_VALID);
  EXPECT_EQ(link.to_state(), v1::LINK_STATE_SUSPECT);
  EXPECT_EQ(link.etag(), made.etag()) << "the record is as it was";
  EXPECT_EQ(Get(made.name(), before).state(), v1::LINK_STATE_VALID);
  EXPECT_EQ(List("state = SUSPECT"), "LNK-0001");
  EXPECT_EQ(List("state = VALID"), "");
  EXPECT_EQ(List("state = VALID", before), "LNK-0001");

  // The former content again is what the link is pinned to.
  CheckIn(Next("SPC-0002", "design"));
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_VALID);
  Confirm(made.name());
  EXPECT_EQ(Reason(), "LINK_NOT_SUSPECT");
  CheckIn(Next("SPC-0002", "third"));

  principal_ = "grace";
  link = Confirm(made.name(), "the change is editorial");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(link.state(), v1::LINK_STATE_VALID);
  ASSERT_EQ(link.confirmations_size(), 1);
  EXPECT_EQ(link.confirmations(0).principal(), "grace");
  EXPECT_EQ(link.confirmations(0).reason(), "the change is editorial");
  EXPECT_NE(link.to_hash(), made.to_hash());

  Withdraw("SPC-0002");
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_BROKEN);
  Confirm(made.name());
  EXPECT_EQ(Reason(), "LINK_BROKEN");
  v1::ReinstateDocumentRequest reinstate;
  reinstate.set_name(Doc("SPC-0002"));
  Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate);
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_VALID);
}

TEST_F(TraceTest, ALinkToAVersionStaysAndOneToAnAnchorFollowsItsSection) {
  const v1::Link version = Make(v1::LINK_TYPE_EVIDENCES, Doc("REC-0001"), Doc("SPC-0001") + "/versions/1");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const v1::Link first = Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "REQ-1");
  const v1::Link second = Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "REQ-2");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  CheckIn(Next("SPC-0001", "# Flow\n\nREQ-1 The pump delivers 40 l/s.\n\nREQ-2 It stops when dry.\n"));
  EXPECT_EQ(Get(version.name()).state(), v1::LINK_STATE_VALID);
  EXPECT_EQ(Get(first.name()).state(), v1::LINK_STATE_SUSPECT);
  EXPECT_EQ(Get(second.name()).state(), v1::LINK_STATE_VALID);
  CheckIn(Next("SPC-0001", "# Flow\n\nREQ-1 The pump delivers 30 l/s.\n"));
  EXPECT_EQ(Get(first.name()).state(), v1::LINK_STATE_VALID);
  EXPECT_EQ(Get(second.name()).state(), v1::LINK_STATE_BROKEN);

  // A restored version's text is not at hand: whether its sections are the same, a scan tells.
  v1::RestoreVersionRequest restore;
  restore.set_name(Doc("SPC-0001") + "/versions/1");
  Call(*versions_, &v1::Versions::Stub::RestoreVersion, restore);
  EXPECT_EQ(Get(first.name()).state(), v1::LINK_STATE_SUSPECT);
  v1::ScanAnchorsRequest scan;
  scan.set_parent("projects/apollo");
  const auto scanned = Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(scanned.documents_scanned(), 2) << "and the one that never had anchors";
  EXPECT_EQ(scanned.anchors_found(), 3);
  EXPECT_FALSE(scanned.more());
  EXPECT_EQ(Get(first.name()).state(), v1::LINK_STATE_VALID);
  EXPECT_EQ(Get(second.name()).state(), v1::LINK_STATE_VALID);
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan).documents_scanned(), 0);
}

TEST_F(TraceTest, RepointingAndDeletingAreRecorded) {
  const v1::Link made = Make(v1::LINK_TYPE_SATISFIES, Doc("SPC-0002"), Doc("SPC-0001"), "REQ-1");
  v1::RepointLinkRequest repoint;
  repoint.set_name(made.name());
  repoint.set_to_anchor("REQ-2");
  repoint.set_reason("was split");
  v1::Link link = Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(link.to_anchor(), "REQ-2");
  EXPECT_EQ(link.confirmations(0).previous_ends(), "documents/SPC-0002 -> documents/SPC-0001#REQ-1");
  Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  EXPECT_EQ(Field(), "to");
  repoint.set_to_anchor("REQ-9");
  Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  EXPECT_EQ(Reason(), "ANCHOR_NOT_FOUND");
  repoint.clear_to_anchor();
  repoint.set_to(Doc("PRC-0001"));
  link = Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  EXPECT_EQ(link.to(), Doc("PRC-0001"));
  EXPECT_EQ(Names(Impact(Doc("SPC-0001")).dependents()), "");
  EXPECT_EQ(Names(Impact(Doc("PRC-0001")).dependents()), "SPC-0002@1 ");

  v1::DeleteLinkRequest remove;
  remove.set_name(made.name());
  remove.set_etag("0123");
  Call(*trace_, &v1::Trace::Stub::DeleteLink, remove);
  EXPECT_EQ(Reason(), "ETAG_MISMATCH");
  remove.set_etag(link.etag());
  remove.set_request_id("delete-1");
  const v1::Link deleted = Call(*trace_, &v1::Trace::Stub::DeleteLink, remove);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::DeleteLink, remove).DebugString(), deleted.DebugString());
  Get(made.name());
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
  EXPECT_EQ(Names(Impact(Doc("PRC-0001")).dependents()), "");
  EXPECT_EQ(Get(made.name(), Sequence() - 1).to(), Doc("PRC-0001"));
  // The same link may be made again.
  EXPECT_EQ(Make(v1::LINK_TYPE_SATISFIES, Doc("SPC-0002"), Doc("PRC-0001")).name(), "projects/apollo/links/LNK-0002");
}

TEST_F(TraceTest, WhatCannotBeALinkIsNamedAndLeavesNothing) {
  Make(v1::LINK_TYPE_UNSPECIFIED, Doc("SPC-0001"), Doc("SPC-0002"));
  EXPECT_EQ(Reason(), "LINK_TYPE_UNKNOWN");
  EXPECT_EQ(Field(), "link.type");
  Make(v1::LINK_TYPE_VERIFIES, Doc("SPC-0001"), Doc("SPC-0001"));
  EXPECT_EQ(Reason(), "LINK_SELF");
  Make(v1::LINK_TYPE_VERIFIES, Doc("SPC-0001"), Doc("SPC-0099"));
  EXPECT_EQ(Reason(), "LINK_END_NOT_FOUND");
  EXPECT_EQ(Metadata("resource"), Doc("SPC-0099"));
  Make(v1::LINK_TYPE_VERIFIES, Doc("SPC-0001") + "/versions/2", Doc("SPC-0002"));
  EXPECT_EQ(Reason(), "LINK_END_NOT_FOUND");
  Make(v1::LINK_TYPE_VERIFIES, Doc("SPC-0002"), Doc("SPC-0001"), "REQ-9");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Reason(), "ANCHOR_NOT_FOUND");
  Make(v1::LINK_TYPE_VERIFIES, "projects/gemini/documents/SPC-0001", Doc("SPC-0001"));
  EXPECT_EQ(Reason(), "LINK_END_INVALID");
  Make(v1::LINK_TYPE_VERIFIES, Doc("SPC-0001"), "projects/apollo/nothing/X-1");
  EXPECT_EQ(Reason(), "NAME_INVALID");

  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"));
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(Metadata("link"), "projects/apollo/links/LNK-0001");
  Make(v1::LINK_TYPE_IMPLEMENTS, Doc("PRC-0001"), Doc("SPC-0001"));
  EXPECT_TRUE(status_.ok()) << "of another type it is another link";

  Make(v1::LINK_TYPE_DERIVES_FROM, Doc("SPC-0001"), Doc("SPC-0002"));
  Make(v1::LINK_TYPE_DERIVES_FROM, Doc("SPC-0002"), Doc("PRC-0001"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Make(v1::LINK_TYPE_DERIVES_FROM, Doc("PRC-0001"), Doc("SPC-0001"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "LINK_CYCLE");
  EXPECT_EQ(Metadata("path"), "documents/PRC-0001 -> documents/SPC-0001 -> documents/SPC-0002 -> documents/PRC-0001");
  Make(v1::LINK_TYPE_SUPERSEDES, Doc("PRC-0001"), Doc("SPC-0001"));
  EXPECT_TRUE(status_.ok()) << "a cycle is of one type";

  Withdraw("REC-0001");
  Make(v1::LINK_TYPE_VERIFIES, Doc("REC-0001"), Doc("SPC-0001"));
  EXPECT_EQ(Reason(), "DOCUMENT_WITHDRAWN");
  EXPECT_EQ(List(""), "LNK-0001 LNK-0002 LNK-0003 LNK-0004 LNK-0005");
}

TEST_F(TraceTest, ABatchIsWholeOrNotAtAll) {
  v1::BatchCreateLinksRequest request;
  request.set_parent("projects/apollo");
  *request.add_links() = LinkOf(v1::LINK_TYPE_DERIVES_FROM, Doc("SPC-0001"), Doc("SPC-0002"));
  *request.add_links() = LinkOf(v1::LINK_TYPE_DERIVES_FROM, Doc("SPC-0002"), Doc("PRC-0001"));
  *request.add_links() = LinkOf(v1::LINK_TYPE_DERIVES_FROM, Doc("PRC-0001"), Doc("SPC-0001"));
  Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request);
  EXPECT_EQ(Reason(), "LINK_CYCLE");
  *request.mutable_links(2) = request.links(0);
  Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request);
  EXPECT_EQ(Reason(), "LINK_EXISTS");
  EXPECT_EQ(Metadata("field"), "links[2]");
  EXPECT_EQ(List(""), "");
  request.mutable_links()->RemoveLast();
  request.set_request_id("batch-1");
  const std::int64_t before = Sequence();
  const auto made = Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request);
  ASSERT_EQ(made.links_size(), 2) << status_.error_message();
  EXPECT_EQ(made.links(1).from(), Doc("SPC-0002"));
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request).DebugString(), made.DebugString());
  EXPECT_EQ(Sequence(), before + 1);
}

TEST_F(TraceTest, AnImpactGoesBothWaysAndShowsCycles) {
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

TEST_F(TraceTest, AMatrixHasGapsAndWhatHasNoLinkIsAnOrphan) {
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

TEST_F(TraceTest, AnchorsAreListedAsTheyWere) {
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

TEST_F(TraceTest, FrontMatterBecomesLinksAndWhatCannotIsReported) {
  v1::ImportFrontMatterLinksRequest request;
  request.set_parent("projects/apollo");
  Call(*trace_, &v1::Trace::Stub::ImportFrontMatterLinks, request);
  EXPECT_EQ(Reason(), "NO_TRACE_RULE");
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name("projects/apollo");
  v1::TraceRule& rule = *update.mutable_project()->mutable_trace_rule();
  v1::FrontMatterRule& requires_rule = *rule.add_front_matter();
  requires_rule.set_key("requires");
  requires_rule.set_type(v1::LINK_TYPE_DERIVES_FROM);
  requires_rule.set_path_template("eip-{}.md");
  v1::FrontMatterRule& superseded = *rule.add_front_matter();
  superseded.set_key("superseded-by");
  superseded.set_type(v1::LINK_TYPE_SUPERSEDES);
  superseded.set_reverse(true);
  update.mutable_update_mask()->add_paths("trace_rule");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
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

TEST_F(TraceTest, AHubKeepsUpWithItsLinks) {
  v1::BatchCreateLinksRequest request;
  request.set_parent("projects/apollo");
  for (int i = 0; i < 300; ++i) {
    const auto made = CheckIn(NewOf("record", "r" + std::to_string(i) + ".md", "x"));
    *request.add_links() = LinkOf(v1::LINK_TYPE_RELATES_TO, made.document().name(), Doc("SPC-0002"));
  }
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request).links_size(), 300);
  CheckIn(Next("SPC-0002", "changed"));
  v1::ListLinksRequest list;
  list.set_parent("projects/apollo");
  list.set_page_size(1000);
  list.set_filter("state = SUSPECT");
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ListLinks, list).links_size(), 300);
  EXPECT_EQ(Impact(Doc("SPC-0002")).dependents_size(), 300);
  CheckIn(Next("SPC-0002", "design"));
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ListLinks, list).links_size(), 0);
}

TEST_F(TraceTest, EverythingComesBackEqualWhenTheIndexIsMadeAnew) {
  Make(v1::LINK_TYPE_SATISFIES, Doc("SPC-0002"), Doc("SPC-0001"), "REQ-1");
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0002"));
  Make(v1::LINK_TYPE_RELATES_TO, Doc("SPC-0001"), Doc("PRC-0001"));
  Make(v1::LINK_TYPE_EVIDENCES, Doc("REC-0001"), Doc("PRC-0001") + "/versions/1");
  CheckIn(Next("SPC-0002", "changed"));
  CheckIn(Next("SPC-0001", "REQ-2 alone\n"));
  Confirm("projects/apollo/links/LNK-0002");
  Withdraw("REC-0001");
  const auto everything = [&] {
    std::string all;
    for (std::int64_t sequence = 1; sequence <= Sequence(); ++sequence) {
      v1::ListLinksRequest list;
      list.set_parent("projects/apollo");
      list.mutable_as_of()->set_sequence(sequence);
      list.set_filter("state != VALID");
      all += Call(*trace_, &v1::Trace::Stub::ListLinks, list).DebugString();
      list.clear_filter();
      all += Call(*trace_, &v1::Trace::Stub::ListLinks, list).DebugString();
      all += Impact(Doc("SPC-0002"), sequence).DebugString();
      v1::GetCoverageMatrixRequest matrix = MatrixRequest();
      matrix.mutable_as_of()->set_sequence(sequence);
      all += Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, matrix).DebugString();
      v1::ListOrphansRequest orphans;
      orphans.set_parent("projects/apollo");
      orphans.mutable_as_of()->set_sequence(sequence);
      all += Call(*trace_, &v1::Trace::Stub::ListOrphans, orphans).DebugString();
    }
    return all;
  };
  const std::string before = everything();
  EXPECT_NE(before.find("LINK_STATE_BROKEN"), std::string::npos);
  EXPECT_NE(before.find("LINK_STATE_SUSPECT"), std::string::npos);
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_TRUE(everything() == before);
  // What acts need is there again, too.
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0002"));
  EXPECT_EQ(Reason(), "LINK_EXISTS");
  CheckIn(Next("SPC-0002", "changed again"));
  EXPECT_EQ(Get("projects/apollo/links/LNK-0002").state(), v1::LINK_STATE_SUSPECT);
}

}  // namespace
}  // namespace greffe
