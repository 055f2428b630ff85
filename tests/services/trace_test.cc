#include "tests/services/trace_fixture.h"

namespace greffe {
namespace {

using TraceTest = TraceFixture;

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

// What came after it was read, nobody vouches for.
TEST_F(TraceTest, WhoConfirmsOrRepointsSaysWhatTheyHaveLookedAt) {
  const v1::Link made = Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0002"));
  const std::string seen = CheckIn(Next("SPC-0002", "second")).document().latest_version().manifest_sha256();
  const std::string now = CheckIn(Next("SPC-0002", "third")).document().latest_version().manifest_sha256();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(seen.size(), 64u);
  v1::ConfirmLinkRequest confirm;
  confirm.set_name(made.name());
  confirm.set_reason("read it");
  confirm.set_etag(made.etag());
  confirm.set_from_hash(made.from_hash());
  confirm.set_to_hash(seen);
  Call(*trace_, &v1::Trace::Stub::ConfirmLink, confirm);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(Reason(), "ETAG_MISMATCH");
  EXPECT_EQ(Metadata("field"), "to_hash");
  EXPECT_EQ(Metadata("resource"), Doc("SPC-0002"));
  EXPECT_EQ(Metadata("current_hash"), now);
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_SUSPECT);
  confirm.set_to_hash(now);
  const v1::Link confirmed = Call(*trace_, &v1::Trace::Stub::ConfirmLink, confirm);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(confirmed.to_hash(), now);

  v1::ListAnchorsRequest list;
  list.set_parent(Doc("SPC-0001"));
  const auto anchors = Call(*trace_, &v1::Trace::Stub::ListAnchors, list);
  ASSERT_EQ(anchors.anchors_size(), 3);
  v1::RepointLinkRequest repoint;
  repoint.set_name(made.name());
  repoint.set_to(Doc("SPC-0001"));
  repoint.set_to_anchor("REQ-1");
  repoint.set_reason("was split");
  repoint.set_to_hash(anchors.anchors(2).sha256());
  Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  EXPECT_EQ(Reason(), "ETAG_MISMATCH");
  EXPECT_EQ(Get(made.name()).to(), Doc("SPC-0002"));
  repoint.set_to_hash(anchors.anchors(1).sha256());
  repoint.set_from_hash(seen);
  Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  EXPECT_EQ(Metadata("field"), "from_hash");
  repoint.set_from_hash(made.from_hash());
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::RepointLink, repoint).to_anchor(), "REQ-1");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
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

TEST_F(TraceTest, ADocumentThatTheRuleConcernsNoMoreLosesItsAnchorsWithItsNextVersion) {
  const v1::Link made = Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0001"), "REQ-1");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::TraceRule rule;
  rule.set_requirement_pattern("REQ-\\d+");
  rule.add_document_types("procedure");
  SetTraceRule(rule);
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_VALID) << "its text is what it was";
  CheckIn(Next("SPC-0001", std::string(kRequirements) + "\nMore.\n"));
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_BROKEN);
  Confirm(made.name());
  EXPECT_EQ(Reason(), "LINK_BROKEN");
  // Also with a text that is not at hand, and where there is no rule left.
  SetTraceRule({});
  v1::RestoreVersionRequest restore;
  restore.set_name(Doc("SPC-0001") + "/versions/1");
  Call(*versions_, &v1::Versions::Stub::RestoreVersion, restore);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_BROKEN);

  // What is concerned again is looked at again, though the pattern is the same.
  rule.add_document_types("specification");
  SetTraceRule(rule);
  v1::ScanAnchorsRequest scan;
  scan.set_parent("projects/apollo");
  Call(*trace_, &v1::Trace::Stub::ScanAnchors, scan);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Get(made.name()).state(), v1::LINK_STATE_VALID);
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
  EXPECT_EQ(Metadata("field"), "to_anchor") << "the request has no link";
  repoint.clear_to_anchor();
  repoint.set_to(Doc("SPC-0099"));
  Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  EXPECT_EQ(Metadata("field"), "to");
  repoint.set_to(Doc("SPC-0002"));
  Call(*trace_, &v1::Trace::Stub::RepointLink, repoint);
  EXPECT_EQ(Reason(), "LINK_SELF");
  EXPECT_EQ(Field(), "to");
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

TEST_F(TraceTest, ABatchThatCouldNotBeAnsweredIsRefused) {
  v1::BatchCreateLinksRequest request;
  request.set_parent("projects/apollo");
  std::string rationale;
  for (int i = 0; i < 2000; ++i) rationale += "€";
  for (int i = 0; i < 550; ++i) {
    *request.add_links() = LinkOf(v1::LINK_TYPE_DERIVES_FROM, Doc("SPC-0001"), Doc("SPC-0002"));
    request.mutable_links(i)->set_rationale(rationale);
  }
  Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request);
  EXPECT_EQ(Reason(), "FIELD_INVALID");
  EXPECT_EQ(Field(), "links");
  EXPECT_NE(status_.error_message().find("allowed are 3145728 in one request"), std::string::npos)
      << status_.error_message();
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
    v1::ListChangesRequest changes;
    changes.set_parent("projects/apollo");
    all += Call(*changes_, &v1::Changes::Stub::ListChanges, changes).DebugString();
    return all;
  };
  const std::string before = everything();
  EXPECT_NE(before.find("LINK_STATE_BROKEN"), std::string::npos);
  EXPECT_NE(before.find("LINK_STATE_SUSPECT"), std::string::npos);
  EXPECT_NE(before.find("CHANGE_KIND_LINK_STATE_CHANGED"), std::string::npos);
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

// Who made them is said in each link of the answer, and not in the request.
TEST_F(TraceTest, ABatchWhoseLinksNoMessageHoldsIsAnsweredWithWhatNamesThem) {
  principal_ = std::string(128, 'a');
  std::string rationale;
  for (int i = 0; i < 1100; ++i) rationale += "€";
  v1::BatchCreateLinksRequest request;
  request.set_parent("projects/apollo");
  request.set_request_id("many");
  v1::BatchCheckInRequest documents;
  documents.set_parent("projects/apollo");
  for (int i = 0; i < 900; ++i) *documents.add_items() = NewAt("d/" + std::to_string(i) + ".md", "x").item();
  const auto checked_in = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, documents);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  for (const auto& result : checked_in.results()) {
    *request.add_links() = LinkOf(v1::LINK_TYPE_RELATES_TO, result.document().name(), Doc("SPC-0001"));
    request.mutable_links()->rbegin()->set_rationale(rationale);
  }
  const auto made = Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(made.links_size(), 900);
  EXPECT_EQ(made.links(0).rationale(), rationale);
  const v1::Link& last = made.links(899);
  EXPECT_TRUE(last.rationale().empty());
  EXPECT_EQ(Get(last.name()).etag(), last.etag());
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request).DebugString(), made.DebugString());
}

}  // namespace
}  // namespace greffe
