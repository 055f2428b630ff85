// Steps that are changed while their review is open.
#include "tests/services/reviews_fixture.h"

namespace greffe {
namespace {

class ReviewChangesTest : public ReviewsFixture {
 protected:
  static v1::ChangeReviewStepRequest Asking(const std::vector<std::string>& add,
                                            const std::vector<std::string>& remove = {}, int step = 0) {
    v1::ChangeReviewStepRequest request;
    request.set_name(kFirst);
    request.set_step(step);
    for (const std::string& principal : add) request.add_add_reviewers(principal);
    for (const std::string& principal : remove) request.add_remove_reviewers(principal);
    request.set_reason("bob is ill");
    return request;
  }
  v1::Review Change(const v1::ChangeReviewStepRequest& request, const std::string& who = "pmo") {
    principal_ = who;
    return Call(*reviews_, &v1::Reviews::Stub::ChangeReviewStep, request);
  }
};

TEST_F(ReviewChangesTest, AReviewerIsReplacedAndTheReviewRemembersIt) {
  Open({{"ada", "bob"}, {"grace"}});
  Approve("ada");
  v1::ChangeReviewStepRequest request = Asking({"eve"}, {"bob"});
  request.set_due_date("2999-02-01");
  request.set_quorum(2);
  const v1::Review changed = Change(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(changed.steps(0).reviewers_size(), 2);
  EXPECT_TRUE(changed.steps(0).reviewers(0).has_decision()) << "what was decided stays";
  EXPECT_EQ(changed.steps(0).reviewers(1).principal(), "eve");
  EXPECT_EQ(changed.open_due_date(), "2999-02-01");
  ASSERT_EQ(changed.changes_size(), 1);
  const v1::ReviewStepChange& change = changed.changes(0);
  EXPECT_EQ(change.step(), 1);
  EXPECT_EQ(change.principal(), "pmo");
  EXPECT_EQ(change.reason(), "bob is ill");
  EXPECT_EQ(change.added_reviewers(0), "eve");
  EXPECT_EQ(change.removed_reviewers(0).principal(), "bob");
  EXPECT_EQ(change.previous_quorum(), 0);
  EXPECT_EQ(change.quorum(), 2);
  EXPECT_EQ(change.previous_due_date(), "");
  EXPECT_EQ(change.due_date(), "2999-02-01");
  EXPECT_EQ(change.time().seconds(), changed.update_time().seconds());

  EXPECT_EQ(Awaiting("bob"), 0);
  EXPECT_EQ(Awaiting("eve"), 1);
  Approve("bob");
  EXPECT_EQ(Reason(), "NOT_A_REVIEWER");
  // A step that waits, by who hands it over again later.
  Change(Asking({"frank"}, {}, 2));
  Approve("eve");
  Approve("grace");
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_IN_REVIEW) << "frank is awaited";
  EXPECT_EQ(Approve("frank").state(), v1::REVIEW_STATE_APPROVED);
  EXPECT_EQ(Get().changes_size(), 2) << "it stays for good";
  EXPECT_NE(Log().find("Change step 2 of review RVW-0001 of SPC-0001 version 1\n"), std::string::npos) << Log();
  v1::ListReviewsRequest list = ListRequest();
  EXPECT_EQ(Call(*reviews_, &v1::Reviews::Stub::ListReviews, list).reviews(0).changes_size(), 0);
}

TEST_F(ReviewChangesTest, WithApprovalsOfAllWhoAreLeftTheStepHasPassed) {
  Open({{"ada", "bob"}, {"grace", "eve"}});
  Approve("ada");
  const v1::Review moved_on = Change(Asking({}, {"bob"}));
  EXPECT_EQ(moved_on.steps(0).state(), v1::REVIEW_STEP_STATE_PASSED);
  EXPECT_EQ(Awaiting("grace"), 1);
  Approve("grace");
  v1::ChangeReviewStepRequest quorum = Asking({});
  quorum.set_quorum(1);
  const v1::Review ended = Change(quorum);
  EXPECT_EQ(ended.state(), v1::REVIEW_STATE_APPROVED);
  EXPECT_EQ(ended.end().principal(), "pmo");
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_APPROVED);
}

TEST_F(ReviewChangesTest, WhoOpenedItMayAndTheProjectsManager) {
  Open({{"ada"}});
  Change(Asking({"eve"}), "ada");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Reason(), "NOT_REVIEW_INITIATOR");
  EXPECT_EQ(Metadata("initiator"), "pmo");
  v1::Project project;
  project.set_manager("grace");
  Update(project, "manager");
  EXPECT_EQ(Change(Asking({"eve"}), "grace").steps(0).reviewers_size(), 2);
}

TEST_F(ReviewChangesTest, WhatCannotBeIsNamedAndNothingIsDone) {
  v1::CreateReviewRequest open = Request({{"ada", "bob"}, {"grace"}, {"frank"}});
  open.mutable_review()->mutable_steps(0)->set_due_date("2999-02-01");
  open.mutable_review()->mutable_steps(2)->set_due_date("2999-04-01");
  Create(open);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Approve("ada");
  const std::int64_t before = Sequence();

  const auto refused = [&](const v1::ChangeReviewStepRequest& request, const std::string& reason,
                           const std::string& field) {
    SCOPED_TRACE(request.ShortDebugString());
    Change(request);
    EXPECT_EQ(Reason(), reason);
    EXPECT_EQ(Field(), field);
  };
  v1::ChangeReviewStepRequest request = Asking({"eve"});
  request.set_quorum(4);
  refused(request, "QUORUM_TOO_LARGE", "quorum");
  EXPECT_EQ(Metadata("reviewers"), "3");
  request = Asking({}, {"bob"});
  request.set_quorum(2);
  refused(request, "QUORUM_TOO_LARGE", "quorum");
  request.set_quorum(-1);
  refused(request, "FIELD_INVALID", "quorum");
  refused(Asking({"eve"}, {"ada"}), "DECIDED_ALREADY", "");
  refused(Asking({"eve"}, {"mallory"}), "REVIEWER_UNKNOWN", "remove_reviewers[0]");
  refused(Asking({"eve"}, {"bob", "bob"}), "REVIEWER_UNKNOWN", "remove_reviewers[1]");
  refused(Asking({"eve", "bob"}), "REVIEWER_REPEATED", "add_reviewers[1]");
  refused(Asking({"bob"}, {"bob"}), "REVIEWER_REPEATED", "add_reviewers[0]");
  refused(Asking({""}), "TEXT_INVALID", "add_reviewers[0]");
  refused(Asking({}, {"grace"}, 2), "FIELD_INVALID", "remove_reviewers");
  refused(Asking(std::vector<std::string>(51, "eve")), "FIELD_INVALID", "add_reviewers");
  refused(Asking({"eve"}, {}, 4), "FIELD_INVALID", "step");
  refused(Asking({}), "NOTHING_TO_CHANGE", "step");
  request = Asking({}, {}, 2);
  for (const auto& [date, reason] : std::vector<std::pair<std::string, std::string>>{
           {"2020-01-01", "DUE_DATE_PAST"},
           {"2999-01-31", "DUE_DATES_OUT_OF_ORDER"},
           {"2999-04-02", "DUE_DATES_OUT_OF_ORDER"},
           {"2999-02-30", "DATE_INVALID"},
       }) {
    request.set_due_date(date);
    refused(request, reason, "due_date");
  }
  request = Asking({"eve"});
  request.clear_reason();
  refused(request, "TEXT_INVALID", "reason");
  request = Asking({"eve"});
  request.set_name("projects/apollo/reviews/RVW-0009");
  Change(request);
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
  EXPECT_EQ(Sequence(), before);

  Approve("bob");
  refused(Asking({"eve"}, {}, 1), "STEP_NOT_OPEN", "");
  EXPECT_EQ(Metadata("state"), "PASSED");
  principal_ = "pmo";
  Abort();
  refused(Asking({"eve"}), "REVIEW_NOT_OPEN", "");
  EXPECT_EQ(Metadata("state"), "ABORTED");
  Open({{"ada"}});
  principal_ = "author";
  CheckIn(Next("SPC-0001", "two"));
  request = Asking({"eve"});
  request.set_name("projects/apollo/reviews/RVW-0002");
  refused(request, "VERSION_NOT_LATEST", "");
}

TEST_F(ReviewChangesTest, TheAuthorStaysOutWhereTheRuleSaysSo) {
  v1::Project rule;
  rule.mutable_lifecycle_rule()->set_independent_review(true);
  Update(rule, "lifecycle_rule");
  Open({{"ada"}});
  Change(Asking({"author"}));
  EXPECT_EQ(Reason(), "AUTHOR_IS_REVIEWER");
}

TEST_F(ReviewChangesTest, ARepeatedRequestIsDoneOnceAndAllComesBackWithAnIndexMadeAnew) {
  Open({{"ada", "bob"}});
  v1::ChangeReviewStepRequest request = Asking({"eve"}, {"bob"});
  request.set_request_id("change-1");
  const v1::Review changed = Change(request);
  EXPECT_EQ(Change(request).DebugString(), changed.DebugString());
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(Get().DebugString(), changed.DebugString());
  EXPECT_EQ(Change(request).DebugString(), changed.DebugString());
  EXPECT_EQ(Awaiting("eve"), 1);
  EXPECT_EQ(Awaiting("bob"), 0);
}

}  // namespace
}  // namespace greffe
