#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/ascii.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class LifecycleTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("a.md", "one"));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  v1::Version Approve(const std::string& name) {
    v1::ApproveVersionRequest request;
    request.set_name(name);
    return Call(*versions_, &v1::Versions::Stub::ApproveVersion, request);
  }
  v1::Version Release(const std::string& name, v1::RevisionStep step = v1::REVISION_STEP_UNSPECIFIED,
                      const std::string& request_id = "") {
    v1::ReleaseVersionRequest request;
    request.set_name(name);
    request.set_step(step);
    request.set_request_id(request_id);
    return Call(*versions_, &v1::Versions::Stub::ReleaseVersion, request);
  }
  v1::Version Obsolete(const std::string& name) {
    v1::ObsoleteVersionRequest request;
    request.set_name(name);
    request.set_comment("replaced by the supplier's");
    return Call(*versions_, &v1::Versions::Stub::ObsoleteVersion, request);
  }
  v1::Version Get(const std::string& name, std::int64_t sequence = 0) {
    v1::GetVersionRequest request;
    request.set_name(name);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*versions_, &v1::Versions::Stub::GetVersion, request);
  }
  v1::Document GetDocument() {
    v1::GetDocumentRequest request;
    request.set_name(kSpecification);
    return Call(*documents_, &v1::Documents::Stub::GetDocument, request);
  }
  std::vector<v1::Version> List(std::int64_t sequence = 0) {
    v1::ListVersionsRequest request;
    request.set_parent(kSpecification);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    const auto page = Call(*versions_, &v1::Versions::Stub::ListVersions, request);
    return {page.versions().begin(), page.versions().end()};
  }
  void SetRule(const v1::LifecycleRule& rule) {
    v1::UpdateProjectRequest update;
    update.mutable_project()->set_name("projects/apollo");
    *update.mutable_project()->mutable_lifecycle_rule() = rule;
    update.mutable_update_mask()->add_paths("lifecycle_rule");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  // The document types; specifications are released by `rule`, others by the project's.
  void SetTypes(const std::vector<std::string>& ids, const v1::LifecycleRule& rule) {
    v1::UpdateProjectRequest update;
    update.mutable_project()->set_name(kProject);
    for (const std::string& id : ids) {
      v1::DocumentType& type = *update.mutable_project()->add_document_types();
      type.set_id(id);
      type.set_prefix(id == "specification" ? "SPC" : absl::AsciiStrToUpper(id));
      if (id == "specification") *type.mutable_lifecycle_rule() = rule;
    }
    update.mutable_update_mask()->add_paths("document_types");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  v1::Document Retype(const std::string& type) {
    v1::UpdateDocumentRequest update;
    update.mutable_document()->set_name(kSpecification);
    update.mutable_document()->set_type(type);
    update.mutable_update_mask()->add_paths("type");
    return Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  }
};

TEST_F(LifecycleTest, AReleaseGivesTheNextRevisionAndSupersedesTheFormer) {
  EXPECT_EQ(GetDocument().latest_version().state(), v1::VERSION_STATE_DRAFT);
  EXPECT_EQ(Approve(std::string(kSpecification) + "/versions/1").state(), v1::VERSION_STATE_APPROVED);
  const v1::Version first = Release(std::string(kSpecification) + "/versions/latest");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(first.state(), v1::VERSION_STATE_RELEASED);
  EXPECT_EQ(first.revision(), "A");
  EXPECT_EQ(first.transitions_size(), 2);

  CheckIn(Next("SPC-0001", "two"));
  EXPECT_EQ(GetDocument().latest_version().state(), v1::VERSION_STATE_DRAFT) << "a check-in inherits no approval";
  EXPECT_EQ(GetDocument().released_version(), 1);
  EXPECT_EQ(Fetch(kSpecification).content(), "two");
  EXPECT_EQ(Fetch(std::string(kSpecification) + "/versions/released").content(), "one");
  EXPECT_EQ(Fetch(std::string(kSpecification) + "/revisions/A").content(), "one");

  EXPECT_EQ(Release(std::string(kSpecification) + "/versions/2").revision(), "B");
  EXPECT_EQ(Get(std::string(kSpecification) + "/versions/1").state(), v1::VERSION_STATE_SUPERSEDED);
  EXPECT_EQ(Fetch(std::string(kSpecification) + "/versions/released").content(), "two");
  EXPECT_EQ(Fetch(kSpecification).version().state(), v1::VERSION_STATE_RELEASED);
  EXPECT_EQ(Get(std::string(kSpecification) + "/revisions/A").number(), 1);
  EXPECT_EQ(GetDocument().revision(), "B");

  const auto versions = List();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].revision(), "B");
  EXPECT_EQ(versions[1].state(), v1::VERSION_STATE_SUPERSEDED);
  EXPECT_EQ(versions[1].author().id(), versions[0].author().id());
}

TEST_F(LifecycleTest, ARevisionIsFoundByItsCodeWhateverCameAfterIt) {
  const std::string versions = std::string(kSpecification) + "/versions/";
  const std::string revisions = std::string(kSpecification) + "/revisions/";
  Release(versions + "1");
  const std::int64_t then = GetDocument().sequence();
  for (int i = 2; i <= 30; ++i) CheckIn(Next("SPC-0001", "text " + std::to_string(i)));
  Release(versions + "20");
  v1::UpdateProjectRequest rule;
  rule.mutable_project()->set_name("projects/apollo");
  rule.mutable_update_mask()->add_paths("lifecycle_rule");
  rule.mutable_project()->mutable_lifecycle_rule()->set_revision_scheme(v1::REVISION_SCHEME_MAJOR_MINOR);
  Call(*projects_, &v1::Projects::Stub::UpdateProject, rule);
  EXPECT_EQ(Release(versions + "25").revision(), "1.0");
  rule.mutable_project()->mutable_lifecycle_rule()->set_revision_scheme(v1::REVISION_SCHEME_LETTERS);
  Call(*projects_, &v1::Projects::Stub::UpdateProject, rule);
  EXPECT_EQ(Release(versions + "30").revision(), "C") << "a code is given once";

  const auto found = [&] {
    std::string text;
    for (const char* code : {"A", "B", "1.0", "C", "D"}) text += std::to_string(Get(revisions + code).number()) + " ";
    return text;
  };
  EXPECT_EQ(found(), "1 20 25 30 0 ");
  EXPECT_EQ(Reason(), "VERSION_NOT_FOUND");
  EXPECT_EQ(Metadata("revision"), "D");
  EXPECT_EQ(Get(revisions + "A", then).state(), v1::VERSION_STATE_RELEASED) << "as it was then";
  EXPECT_EQ(Get(revisions + "A").state(), v1::VERSION_STATE_SUPERSEDED);
  Get(revisions + "B", then);
  EXPECT_EQ(Reason(), "VERSION_NOT_FOUND") << "nobody had it then";
  // An act, too, takes a code for a name.
  v1::RestoreVersionRequest restore;
  restore.set_name(revisions + "B");
  EXPECT_EQ(Call(*versions_, &v1::Versions::Stub::RestoreVersion, restore).number(), 31);
  restore.set_name(revisions + "D");
  Call(*versions_, &v1::Versions::Stub::RestoreVersion, restore);
  EXPECT_EQ(Reason(), "VERSION_NOT_FOUND");
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(found(), "1 20 25 30 0 ");
}

TEST_F(LifecycleTest, StatesAreSeenAsTheyWere) {
  const std::string first = std::string(kSpecification) + "/versions/1";
  Approve(first);   // sequence 3
  Release(first);   // 4
  Obsolete(first);  // 5
  EXPECT_EQ(Get(first, 2).state(), v1::VERSION_STATE_DRAFT);
  EXPECT_EQ(Get(first, 3).state(), v1::VERSION_STATE_APPROVED);
  EXPECT_EQ(List(4)[0].state(), v1::VERSION_STATE_RELEASED);
  EXPECT_EQ(List()[0].state(), v1::VERSION_STATE_OBSOLETE);
  EXPECT_EQ(Get(std::string(kSpecification) + "/versions/released", 4).number(), 1);
  Get(std::string(kSpecification) + "/versions/released");
  EXPECT_EQ(Reason(), "NOTHING_RELEASED");

  v1::ListDocumentsRequest list;
  list.set_parent("projects/apollo");
  list.set_filter("version_state = RELEASED");
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::ListDocuments, list).documents_size(), 0);
  list.mutable_as_of()->set_sequence(4);
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::ListDocuments, list).documents_size(), 1);

  // Lists that are led by changes meet the versions' entries too.
  list.clear_as_of();
  for (const auto& [filter, order] :
       {std::pair("", "update_time desc"), std::pair("update_time > 2020-01-01", "title")}) {
    list.set_filter(filter);
    list.set_order_by(order);
    EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::ListDocuments, list).documents_size(), 1) << order;
    EXPECT_TRUE(status_.ok()) << status_.error_message();
  }

  v1::ListChangesRequest changes;
  changes.set_parent("projects/apollo");
  changes.set_after_sequence(3);
  const auto page = Call(*changes_, &v1::Changes::Stub::ListChanges, changes);
  ASSERT_GE(page.changes_size(), 1);
  ASSERT_EQ(page.changes(0).entries_size(), 2);
  EXPECT_EQ(page.changes(0).entries(1).resource(), first);
  EXPECT_EQ(page.changes(0).entries(1).state(), "RELEASED");
}

TEST_F(LifecycleTest, NumbersThatLeadingZerosAloneTellApartHaveTheirOwnVersions) {
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name(kProject);
  v1::NumberingRule& rule = *update.mutable_project()->mutable_numbering_rule();
  rule.set_separator("-");
  rule.set_digits(4);
  rule.set_pattern("[A-Z]+-[0-9]+");
  update.mutable_update_mask()->add_paths("numbering_rule");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  for (const char* number : {"REC-1", "REC-01", "REC-001"}) {
    v1::CheckInRequest request = NewAt(std::string(number) + ".md", number);
    request.mutable_item()->set_document_id(number);
    CheckIn(request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    Release(std::string(kProject) + "/documents/" + number + "/versions/1");
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  for (const char* number : {"REC-1", "REC-01", "REC-001"}) {
    v1::ListVersionsRequest request;
    request.set_parent(std::string(kProject) + "/documents/" + number);
    const auto page = Call(*versions_, &v1::Versions::Stub::ListVersions, request);
    ASSERT_EQ(page.versions_size(), 1);
    EXPECT_EQ(page.versions(0).name(), request.parent() + "/versions/1");
    EXPECT_EQ(page.versions(0).state(), v1::VERSION_STATE_RELEASED);
  }
}

TEST_F(LifecycleTest, WhatTheRuleDoesNotAllowIsNamed) {
  v1::LifecycleRule rule;
  rule.set_review_required(true);
  rule.add_releasers("grace");
  SetRule(rule);
  const std::string first = std::string(kSpecification) + "/versions/1";
  Approve(first);
  EXPECT_EQ(Reason(), "REVIEW_REQUIRED");
  Release(first);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(Metadata("allowed"), "IN_REVIEW, OBSOLETE");
  rule.set_review_required(false);
  SetRule(rule);
  Release(first);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Reason(), "NOT_A_RELEASER");
  principal_ = "grace";
  EXPECT_EQ(Release(first).revision(), "A");
  Release(first);
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  CheckIn(Next("SPC-0001", "two"));
  CheckIn(Next("SPC-0001", "three"));
  Approve(std::string(kSpecification) + "/versions/2");
  EXPECT_EQ(Reason(), "VERSION_NOT_LATEST");
  Release(std::string(kSpecification) + "/versions/3");
  Release(std::string(kSpecification) + "/versions/2");
  EXPECT_EQ(Reason(), "VERSION_OLDER_THAN_RELEASED");
  Release(std::string(kSpecification) + "/versions/9");
  EXPECT_EQ(Reason(), "VERSION_NOT_FOUND");
  Release(std::string(kSpecification) + "/versions/3", v1::REVISION_STEP_MAJOR);
  EXPECT_FALSE(status_.ok());
}

// With its type a document would lose the rule, and anyone could release it.
TEST_F(LifecycleTest, NothingIsReleasedByTheRuleOfATypeThatIsGone) {
  v1::LifecycleRule rule;
  rule.set_review_required(true);
  rule.add_releasers("pmo");
  SetTypes({"record", "specification"}, rule);
  const std::string first = std::string(kSpecification) + "/versions/1";
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  SetTypes({"record"}, rule);
  v1::ReinstateDocumentRequest reinstate;
  reinstate.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::RevokeApprovalRequest revoke;
  revoke.set_name(first);
  revoke.set_comment("too early");
  v1::CreateReviewRequest review;
  review.set_parent(kProject);
  review.mutable_review()->set_version(first);
  review.mutable_review()->add_steps()->add_reviewers()->set_principal("grace");
  const std::function<void()> acts[] = {[&] { Release(first); }, [&] { Approve(first); }, [&] { Obsolete(first); },
                                        [&] { Call(*versions_, &v1::Versions::Stub::RevokeApproval, revoke); },
                                        [&] { Call(*reviews_, &v1::Reviews::Stub::CreateReview, review); }};
  for (const auto& act : acts) {
    act();
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(Reason(), "DOCUMENT_TYPE_UNKNOWN");
    EXPECT_EQ(Metadata("type"), "specification");
  }
  EXPECT_EQ(Get(first).state(), v1::VERSION_STATE_DRAFT);
  CheckIn(Next("SPC-0001", "two"));
  v1::RestoreVersionRequest restore;
  restore.set_name(first);
  EXPECT_EQ(Call(*versions_, &v1::Versions::Stub::RestoreVersion, restore).number(), 3) << "as another check-in";
  Retype("record");
  EXPECT_EQ(Release(std::string(kSpecification) + "/versions/3").revision(), "A");
}

TEST_F(LifecycleTest, NoRuleIsGotRoundByAnotherTypeMeanwhile) {
  v1::LifecycleRule rule;
  rule.set_review_required(true);
  SetTypes({"record", "minutes", "specification"}, rule);
  const std::string versions = std::string(kSpecification) + "/versions/";
  EXPECT_EQ(Retype("record").type(), "record") << "a draft";
  EXPECT_EQ(Retype("specification").type(), "specification");
  Retype("record");
  Approve(versions + "1");
  EXPECT_EQ(Retype("minutes").type(), "minutes") << "whose rule is the same";
  Retype("specification");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "TYPE_CHANGE_NOT_ALLOWED");
  EXPECT_EQ(Metadata("version"), versions + "1");
  EXPECT_EQ(Metadata("state"), "APPROVED");
  CheckIn(Next("SPC-0001", "two"));
  Retype("specification");
  EXPECT_EQ(Metadata("version"), versions + "1") << "could still be released";
  Release(versions + "1");
  Retype("specification");
  EXPECT_EQ(Metadata("state"), "RELEASED") << "behind the draft";
  EXPECT_EQ(GetDocument().type(), "minutes");
  v1::UpdateDocumentRequest update;
  *update.mutable_document() = GetDocument();
  update.mutable_document()->set_title("Minutes");
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::UpdateDocument, update).title(), "Minutes");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  Obsolete(versions + "1");
  EXPECT_EQ(Retype("specification").type(), "specification") << "nothing of it is in force";
  Release(versions + "2");
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
}

TEST_F(LifecycleTest, RestoringMakesTheOldOneTheNewLatest) {
  CheckIn(Next("SPC-0001", "two"));
  v1::RestoreVersionRequest request;
  request.set_name(std::string(kSpecification) + "/versions/1");
  const v1::Version restored = Call(*versions_, &v1::Versions::Stub::RestoreVersion, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(restored.number(), 3);
  EXPECT_EQ(restored.comment(), "Restore version 1");
  EXPECT_EQ(restored.state(), v1::VERSION_STATE_DRAFT);
  EXPECT_EQ(Fetch(kSpecification).content(), "one");
  request.set_name(std::string(kSpecification) + "/versions/3");
  Call(*versions_, &v1::Versions::Stub::RestoreVersion, request);
  EXPECT_EQ(Reason(), "VERSION_IS_LATEST");
}

TEST_F(LifecycleTest, ARepeatedReleaseIsDoneOnceAndSurvivesAnIndexMadeAnew) {
  const std::string first = std::string(kSpecification) + "/versions/1";
  const v1::Version released = Release(first, v1::REVISION_STEP_UNSPECIFIED, "release-1");
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  const v1::Version again = Release(first, v1::REVISION_STEP_UNSPECIFIED, "release-1");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(again.DebugString(), released.DebugString());
  EXPECT_EQ(Get(first).DebugString(), released.DebugString());
  EXPECT_EQ(Fetch(std::string(kSpecification) + "/versions/released").content(), "one");
}

// A version keeps each of its transitions, and its document has it whole.
TEST_F(LifecycleTest, RoundsOfApprovalStopBeforeTheVersionIsTooLargeToRead) {
  Stop();
  store_options_.index_buffer_bytes = StoreOptions().index_buffer_bytes;  // a row here is as large as the fixture's
  Start();
  const std::string first = std::string(kSpecification) + "/versions/1";
  v1::LifecycleRule rule;
  rule.set_review_required(false);
  SetRule(rule);
  v1::ApproveVersionRequest approve;
  approve.set_name(first);
  for (int i = 0; i < 2000; ++i) approve.mutable_comment()->append("\U0001F4DD");
  v1::RevokeApprovalRequest revoke;
  revoke.set_name(first);
  revoke.set_comment("too early");
  revoke.set_comment(approve.comment());
  int rounds = 0;
  while (rounds < 500) {
    Call(*versions_, &v1::Versions::Stub::ApproveVersion, approve);
    if (!status_.ok()) break;
    ++rounds;
    Call(*versions_, &v1::Versions::Stub::RevokeApproval, revoke);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "RECORD_FULL");
  EXPECT_EQ(Get(first).transitions_size(), 2 * rounds);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(List().size(), 1U);
  EXPECT_EQ(GetDocument().latest_version().number(), 1);
  EXPECT_EQ(Obsolete(first).state(), v1::VERSION_STATE_OBSOLETE);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  // The next one begins with nothing.
  CheckIn(Next("SPC-0001", "two"));
  approve.set_name(std::string(kSpecification) + "/versions/2");
  Call(*versions_, &v1::Versions::Stub::ApproveVersion, approve);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(LifecycleTest, AnApprovalIsRevokedOfTheLatestApprovedVersionAlone) {
  v1::RevokeApprovalRequest revoke;
  revoke.set_name(std::string(kSpecification) + "/versions/1");
  revoke.set_comment("too early");
  Call(*versions_, &v1::Versions::Stub::RevokeApproval, revoke);
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  EXPECT_NE(Metadata("allowed").find("APPROVED"), std::string::npos);
  Approve(revoke.name());
  EXPECT_EQ(Call(*versions_, &v1::Versions::Stub::RevokeApproval, revoke).state(), v1::VERSION_STATE_DRAFT);
  Approve(revoke.name());
  CheckIn(Next("SPC-0001", "two"));
  Call(*versions_, &v1::Versions::Stub::RevokeApproval, revoke);
  EXPECT_EQ(Reason(), "VERSION_NOT_LATEST");
}

}  // namespace
}  // namespace greffe
