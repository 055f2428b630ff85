#include "tests/services/reviews_fixture.h"

namespace greffe {
namespace {

constexpr std::int64_t kIn2999 = 32'488'300'800;  // after June 2999

using ReviewsTest = ReviewsFixture;

TEST_F(ReviewsTest, StepsInSequenceLeadToApproval) {
  v1::CreateReviewRequest request = Request({{"ada", "bob", "eve"}, {"grace"}});
  request.mutable_review()->mutable_steps(0)->set_quorum(2);
  const v1::Review opened = Create(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(opened.name(), "projects/apollo/reviews/RVW-0001");
  EXPECT_EQ(opened.title(), "SPC-0001 version 1");
  EXPECT_EQ(opened.version(), std::string(kSpecification) + "/versions/1");
  EXPECT_EQ(opened.document(), kSpecification);
  EXPECT_EQ(opened.initiator(), "pmo");
  EXPECT_EQ(opened.manifest_sha256(), Version().manifest_sha256());
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_IN_REVIEW);
  EXPECT_EQ(Version().review(), opened.name());
  EXPECT_EQ(Awaiting("eve"), 1);
  EXPECT_EQ(Awaiting("grace"), 0);

  Approve("ada");
  const v1::Review passed = Submit("bob", DecisionOf(v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS, "mind the valves"));
  EXPECT_EQ(passed.state(), v1::REVIEW_STATE_OPEN);
  EXPECT_EQ(passed.steps(0).state(), v1::REVIEW_STEP_STATE_PASSED);
  EXPECT_EQ(Awaiting("eve"), 0) << "the quorum was enough";
  EXPECT_EQ(Awaiting("grace"), 1);
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_IN_REVIEW);
  const v1::Review ended = Approve("grace");
  EXPECT_EQ(ended.state(), v1::REVIEW_STATE_APPROVED_WITH_COMMENTS);
  EXPECT_EQ(ended.end().principal(), "grace");
  EXPECT_EQ(ended.pending_reviewers_size(), 0);
  EXPECT_EQ(ended.steps(0).reviewers(1).decision().comment(), "mind the valves");
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_APPROVED);
  EXPECT_EQ(Release().revision(), "A");
  EXPECT_EQ(Version().review(), ended.name());
  EXPECT_EQ(Log(),
            "Release SPC-0001 version 1 as revision A\n"
            "Approve SPC-0001 version 1 in review RVW-0001\n"
            "Approve SPC-0001 version 1 with comments in review RVW-0001\n"
            "Approve SPC-0001 version 1 in review RVW-0001\n"
            "Open review RVW-0001 of SPC-0001 version 1\n"
            "Check in SPC-0001 version 1: a.md\n"
            "Create project apollo: Project apollo\n");
}

TEST_F(ReviewsTest, StepsInParallelAreDecidedInAnyOrder) {
  v1::CreateReviewRequest request = Request({{"ada"}, {"bob", "ada"}});
  request.mutable_review()->set_step_order(v1::STEP_ORDER_IN_PARALLEL);
  Create(request);
  Approve("bob");
  v1::SubmitDecisionRequest second = DecisionOf(v1::REVIEW_OUTCOME_APPROVED);
  second.set_step(2);
  EXPECT_EQ(Submit("ada", second).steps(1).state(), v1::REVIEW_STEP_STATE_PASSED);
  EXPECT_EQ(Approve("ada").state(), v1::REVIEW_STATE_APPROVED);
  Approve("ada");
  EXPECT_EQ(Reason(), "REVIEW_NOT_OPEN");
  EXPECT_EQ(Metadata("state"), "APPROVED");
}

TEST_F(ReviewsTest, ARefusalMakesADraftOfTheVersionAndTheNextRoundIsANewReview) {
  Open({{"ada", "bob"}});
  Submit("ada", DecisionOf(v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT));
  EXPECT_EQ(Reason(), "COMMENT_REQUIRED");
  const v1::Review ended = Submit("ada", DecisionOf(v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT, "no figures"));
  EXPECT_EQ(ended.state(), v1::REVIEW_STATE_REVISE_AND_RESUBMIT);
  EXPECT_EQ(ended.steps(0).state(), v1::REVIEW_STEP_STATE_STOPPED);
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_DRAFT);
  Approve("bob");
  EXPECT_EQ(Reason(), "REVIEW_NOT_OPEN");
  EXPECT_EQ(Open({{"ada"}}).name(), "projects/apollo/reviews/RVW-0002") << "the same version may be tried again";
  EXPECT_EQ(Submit("ada", DecisionOf(v1::REVIEW_OUTCOME_REJECTED, "no", "RVW-0002")).state(),
            v1::REVIEW_STATE_REJECTED);
  principal_ = "author";
  CheckIn(Next("SPC-0001", "two"));
  EXPECT_EQ(Version(2).review(), "");
  Open({{"ada"}});
  EXPECT_EQ(Approve("ada", "RVW-0003").state(), v1::REVIEW_STATE_APPROVED);
  EXPECT_EQ(Count(ListRequest("document = \"projects/apollo/documents/SPC-0001\"")), 3);
  EXPECT_EQ(Count(ListRequest("state = REJECTED")), 1);
}

TEST_F(ReviewsTest, ANewVersionVoidsTheReviewInTheSameCommit) {
  Open({{"ada"}});
  principal_ = "author";
  CheckIn(Next("SPC-0001", "one"));
  EXPECT_EQ(Get().state(), v1::REVIEW_STATE_OPEN) << "the same content is no new version";
  const std::int64_t before = Sequence();
  CheckIn(Next("SPC-0001", "two"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Sequence(), before + 1);
  const v1::Review voided = Get();
  EXPECT_EQ(voided.state(), v1::REVIEW_STATE_VOIDED);
  EXPECT_EQ(voided.end().reason(), "version 2");
  EXPECT_EQ(voided.end().principal(), "author");
  EXPECT_EQ(Version(1).state(), v1::VERSION_STATE_DRAFT);
  EXPECT_EQ(Version(1).author().id(), "author");
  EXPECT_EQ(Version(2).state(), v1::VERSION_STATE_DRAFT);
  EXPECT_EQ(Fetch(kSpecification).content(), "two");
  Approve("ada");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "VERSION_NOT_LATEST");
  EXPECT_EQ(Metadata("latest_version"), "2");
  Create(Request({{"ada"}}, "1"));
  EXPECT_EQ(Reason(), "VERSION_NOT_LATEST");

  Open({{"ada"}});
  v1::RestoreVersionRequest restore;
  restore.set_name(std::string(kSpecification) + "/versions/1");
  EXPECT_EQ(Call(*versions_, &v1::Versions::Stub::RestoreVersion, restore).number(), 3);
  EXPECT_EQ(Get("RVW-0002").state(), v1::REVIEW_STATE_VOIDED);
  Open({{"ada"}});
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Get("RVW-0003").state(), v1::REVIEW_STATE_VOIDED);
  EXPECT_EQ(Version(3).state(), v1::VERSION_STATE_DRAFT);
  Approve("ada", "RVW-0003");
  EXPECT_EQ(Reason(), "REVIEW_NOT_OPEN");
}

TEST_F(ReviewsTest, WhatCannotBeIsNamedAndNothingIsDone) {
  const std::int64_t before = Sequence();
  v1::CreateReviewRequest request = Request({{"ada", "bob"}, {"eve"}});
  request.mutable_review()->mutable_steps(0)->set_quorum(3);
  Create(request);
  EXPECT_EQ(Reason(), "QUORUM_TOO_LARGE");
  EXPECT_EQ(Field(), "review.steps[0].quorum");
  request.mutable_review()->mutable_steps(0)->set_quorum(1);
  request.mutable_review()->mutable_steps(0)->set_due_date("2020-01-01");
  Create(request);
  EXPECT_EQ(Reason(), "DUE_DATE_PAST");
  EXPECT_EQ(Field(), "review.steps[0].due_date");
  request.mutable_review()->mutable_steps(0)->set_due_date("2999-02-02");
  request.mutable_review()->mutable_steps(1)->set_due_date("2999-02-01");
  Create(request);
  EXPECT_EQ(Reason(), "DUE_DATES_OUT_OF_ORDER");
  EXPECT_EQ(Field(), "review.steps[1].due_date");
  Create(Request({}));
  EXPECT_EQ(Field(), "review.steps");
  Create(Request({{"ada"}}, "9"));
  EXPECT_EQ(Reason(), "VERSION_NOT_FOUND");
  EXPECT_EQ(Sequence(), before);
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_DRAFT);

  Open({{"ada"}, {"bob"}});
  Create(Request({{"ada"}}));
  EXPECT_EQ(Reason(), "REVIEW_OPEN");
  Release();
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "REVIEW_OPEN");
  EXPECT_EQ(Metadata("review"), "projects/apollo/reviews/RVW-0001");
  EXPECT_EQ(Metadata("allowed"), "DRAFT, APPROVED");
  v1::ApproveVersionRequest approve;
  approve.set_name(std::string(kSpecification) + "/versions/1");
  Call(*versions_, &v1::Versions::Stub::ApproveVersion, approve);
  EXPECT_EQ(Reason(), "REVIEW_OPEN");
  Approve("mallory");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Reason(), "NOT_A_REVIEWER");
  EXPECT_EQ(Metadata("pending_reviewers"), "ada");
  Approve("bob");
  EXPECT_EQ(Reason(), "STEP_NOT_OPEN");
  Approve("ada", "RVW-0007");
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
  EXPECT_EQ(Sequence(), before + 1);
  Approve("ada");
  Approve("ada");
  EXPECT_EQ(Reason(), "DECIDED_ALREADY");
  EXPECT_EQ(Abort().state(), v1::REVIEW_STATE_ABORTED);
  EXPECT_EQ(Get().end().reason(), "wrong reviewers");
  EXPECT_EQ(Version().state(), v1::VERSION_STATE_DRAFT);
  Abort();
  EXPECT_EQ(Reason(), "REVIEW_NOT_OPEN");
  Release();
  Create(Request({{"ada"}}));
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(Metadata("allowed"), "SUPERSEDED, OBSOLETE");
}

TEST_F(ReviewsTest, ADecisionCanBeHandedOver) {
  Open({{"ada", "bob"}, {"eve"}});
  v1::DelegateReviewRequest request;
  request.set_name("projects/apollo/reviews/RVW-0001");
  request.set_delegate("bob");
  principal_ = "ada";
  Call(*reviews_, &v1::Reviews::Stub::DelegateReview, request);
  EXPECT_EQ(Reason(), "REVIEWER_REPEATED");
  request.set_delegate("grace");
  request.set_comment("on leave");
  const v1::Review handed = Call(*reviews_, &v1::Reviews::Stub::DelegateReview, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(handed.steps(0).reviewers(0).principal(), "grace");
  EXPECT_EQ(handed.steps(0).reviewers(0).delegations(0).delegator(), "ada");
  EXPECT_EQ(Awaiting("grace"), 1);
  EXPECT_EQ(Awaiting("ada"), 0);
  Approve("ada");
  EXPECT_EQ(Reason(), "NOT_A_REVIEWER");
  request.set_reviewer("eve");
  principal_ = "bob";
  Call(*reviews_, &v1::Reviews::Stub::DelegateReview, request);
  EXPECT_EQ(Reason(), "NOT_A_REVIEWER") << "it is not bob's to give";
  principal_ = "pmo";
  EXPECT_EQ(Call(*reviews_, &v1::Reviews::Stub::DelegateReview, request).steps(1).reviewers(0).principal(), "grace")
      << "who opened it may, also ahead of the step";
  Approve("grace");
  Approve("bob");
  EXPECT_EQ(Approve("grace").state(), v1::REVIEW_STATE_APPROVED);
}

TEST_F(ReviewsTest, CommentsAreAtTheirPlacesAndStay) {
  Open({{"ada"}});
  v1::SubmitDecisionRequest request = DecisionOf(v1::REVIEW_OUTCOME_REJECTED);
  v1::ReviewComment& comment = *request.add_comments();
  comment.set_text("which pump?");
  comment.mutable_anchor()->set_first_line(12);
  comment.mutable_anchor()->set_quoted_text("the pump");
  request.add_comments()->set_text("no figures");
  request.mutable_comments(1)->mutable_anchor()->set_file("b.pdf");
  Submit("ada", request);
  EXPECT_EQ(Reason(), "ANCHOR_INVALID");
  EXPECT_EQ(Field(), "comments[1].anchor.file");
  request.mutable_comments(1)->clear_anchor();
  request.mutable_comments(1)->set_principal("somebody else");
  v1::Review review = Submit("ada", request);
  ASSERT_EQ(review.comments_size(), 2);
  EXPECT_EQ(review.comments(0).number(), 1);
  EXPECT_EQ(review.comments(0).anchor().file(), "a.md");
  EXPECT_EQ(review.comments(0).anchor().last_line(), 12);
  EXPECT_EQ(review.comments(1).principal(), "ada");
  v1::AddReviewCommentRequest answer;
  answer.set_name(review.name());
  answer.mutable_comment()->set_text("P-101");
  answer.mutable_comment()->set_reply_to(3);
  principal_ = "author";
  Call(*reviews_, &v1::Reviews::Stub::AddReviewComment, answer);
  EXPECT_EQ(Field(), "comment.reply_to");
  answer.mutable_comment()->set_reply_to(1);
  review = Call(*reviews_, &v1::Reviews::Stub::AddReviewComment, answer);
  ASSERT_EQ(review.comments_size(), 3);
  EXPECT_EQ(review.state(), v1::REVIEW_STATE_REJECTED);
  CheckIn(Next("SPC-0001", "two"));
  EXPECT_EQ(Get().comments(2).text(), "P-101");
  EXPECT_EQ(Get().comments(2).principal(), "author");
  EXPECT_EQ(Call(*reviews_, &v1::Reviews::Stub::ListReviews, ListRequest()).reviews(0).comments_size(), 0);
}

TEST_F(ReviewsTest, CommentsLeaveRoomForDecisions) {
  Open({{"ada", "bob"}});
  std::string text;
  for (int i = 0; i < 9'900; ++i) text += "\U0001F4DD";
  v1::AddReviewCommentRequest comment;
  comment.set_name(Get().name());
  comment.mutable_comment()->set_text(text);
  int taken = 0;
  while (Call(*reviews_, &v1::Reviews::Stub::AddReviewComment, comment), status_.ok()) ASSERT_LT(++taken, 100);
  EXPECT_EQ(Reason(), "REVIEW_FULL");
  v1::SubmitDecisionRequest talkative = DecisionOf(v1::REVIEW_OUTCOME_APPROVED);
  talkative.add_comments()->set_text(text);
  Submit("ada", talkative);
  EXPECT_EQ(Reason(), "REVIEW_FULL");
  v1::DelegateReviewRequest delegate;
  delegate.set_name(comment.name());
  delegate.set_delegate("cleo");
  principal_ = "ada";
  Call(*reviews_, &v1::Reviews::Stub::DelegateReview, delegate);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Submit("cleo", DecisionOf(v1::REVIEW_OUTCOME_APPROVED));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Submit("bob", DecisionOf(v1::REVIEW_OUTCOME_APPROVED)).state(), v1::REVIEW_STATE_APPROVED);
}

TEST_F(ReviewsTest, OverdueIsByTheDayOfTheMomentThatIsAskedAbout) {
  v1::CreateReviewRequest request = Request({{"ada"}, {"bob"}});
  request.mutable_review()->mutable_steps(0)->set_due_date("2999-06-01");
  const v1::Review opened = Create(request);
  EXPECT_EQ(opened.open_due_date(), "2999-06-01");
  v1::ListReviewsRequest list = ListRequest();
  list.set_overdue(true);
  EXPECT_EQ(Count(list), 0);
  list.mutable_as_of()->mutable_time()->set_seconds(kIn2999);
  EXPECT_EQ(Count(list), 1);
  // A baseline's moment is that of its commit.
  v1::CreateBaselineRequest freeze;
  freeze.set_parent("projects/apollo");
  freeze.set_baseline_id("G1");
  freeze.mutable_baseline()->set_reason("gate passed");
  const v1::Baseline baseline = Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, freeze);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::ListReviewsRequest frozen = list;
  frozen.mutable_as_of()->set_baseline(baseline.name());
  EXPECT_EQ(Count(frozen), 0);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  list.set_reviewer("ada");
  list.set_filter("state = OPEN");
  list.set_order_by("open_due_date");
  EXPECT_EQ(Count(list), 1);
  list.set_reviewer("bob");
  EXPECT_EQ(Count(list), 0);
  Approve("ada");
  list.clear_reviewer();
  EXPECT_EQ(Count(list), 0) << "the open step has no due date";
  list.set_reviewer("a\" OR \"b");
  EXPECT_EQ(Count(list), 0);
}

TEST_F(ReviewsTest, TheRuleCanKeepTheAuthorOut) {
  v1::Project rule;
  rule.mutable_lifecycle_rule()->set_independent_review(true);
  rule.mutable_lifecycle_rule()->set_review_required(true);
  Update(rule, "lifecycle_rule");
  Create(Request({{"ada", "author"}}));
  EXPECT_EQ(Reason(), "AUTHOR_IS_REVIEWER");
  Open({{"ada"}});
  v1::DelegateReviewRequest request;
  request.set_name("projects/apollo/reviews/RVW-0001");
  request.set_delegate("author");
  principal_ = "ada";
  Call(*reviews_, &v1::Reviews::Stub::DelegateReview, request);
  EXPECT_EQ(Reason(), "AUTHOR_IS_REVIEWER");
  EXPECT_EQ(Approve("ada").state(), v1::REVIEW_STATE_APPROVED);
  EXPECT_EQ(Release().revision(), "A");
}

TEST_F(ReviewsTest, ReviewsComeBackWithAnIndexMadeAnewAndAreDoneOnce) {
  v1::CreateReviewRequest request = Request({{"ada"}, {"bob"}});
  request.set_request_id("open-1");
  const v1::Review opened = Create(request);
  const std::int64_t then = Sequence();
  Approve("ada");
  principal_ = "author";
  CheckIn(Next("SPC-0001", "two"));
  const v1::Review voided = Get();
  const v1::Version first = Version(1);
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(Create(request).DebugString(), opened.DebugString()) << "asked twice, done once";
  EXPECT_EQ(Get("RVW-0001", then).DebugString(), opened.DebugString());
  EXPECT_EQ(Get().DebugString(), voided.DebugString());
  EXPECT_EQ(Version(1).DebugString(), first.DebugString());
  v1::ListReviewsRequest list = ListRequest("state = OPEN");
  EXPECT_EQ(Count(list), 0);
  list.mutable_as_of()->set_sequence(then);
  list.set_reviewer("ada");
  EXPECT_EQ(Count(list), 1);
  EXPECT_EQ(Open({{"ada"}}).name(), "projects/apollo/reviews/RVW-0002");
  v1::ListChangesRequest changes;
  changes.set_parent(kProject);
  changes.set_after_sequence(then - 1);
  const auto page = Call(*changes_, &v1::Changes::Stub::ListChanges, changes);
  ASSERT_GE(page.changes_size(), 3);
  EXPECT_EQ(page.changes(0).entries(1).resource(), opened.name());
  EXPECT_EQ(page.changes(0).entries(1).kind(), v1::CHANGE_KIND_CREATED);
  EXPECT_EQ(page.changes(2).entries(1).resource(), opened.name());
  EXPECT_EQ(page.changes(2).entries(1).state(), "VOIDED");
}

TEST_F(ReviewsTest, TheRequestIdOfOneReviewerDoesNotAnswerAnother) {
  Open({{"ada", "bob"}});
  v1::SubmitDecisionRequest request = DecisionOf(v1::REVIEW_OUTCOME_APPROVED);
  request.set_request_id("RVW1-ok");
  const v1::Review decided = Submit("ada", request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto check = [&] {
    EXPECT_EQ(Submit("ada", request).DebugString(), decided.DebugString()) << "asked twice, done once";
    Submit("bob", request);
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
    EXPECT_NE(status_.error_message().find("by another caller"), std::string::npos) << status_.error_message();
  };
  check();
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  check();
  request.set_request_id("RVW1-ok-bob");
  EXPECT_EQ(Submit("bob", request).state(), v1::REVIEW_STATE_APPROVED);
}

}  // namespace
}  // namespace greffe
