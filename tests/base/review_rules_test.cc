#include "storage/base/review_rules.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr char kToday[] = "2026-03-10";

void AddStep(v1::Review& review, const std::vector<std::string>& reviewers, int quorum = 0,
             const std::string& due_date = "") {
  v1::ReviewStep& step = *review.add_steps();
  for (const std::string& principal : reviewers) step.add_reviewers()->set_principal(principal);
  step.set_quorum(quorum);
  step.set_due_date(due_date);
}

v1::Review Opened(v1::StepOrder order = v1::STEP_ORDER_UNSPECIFIED) {
  v1::Review review;
  review.set_name("projects/p/reviews/RVW-0001");
  review.set_version("projects/p/documents/SPC-0001/versions/2");
  review.set_manifest_sha256("abc");
  review.set_step_order(order);
  AddStep(review, {"bob", "ada", "eve"}, 2, "2026-03-12");
  AddStep(review, {"grace"}, 0, "2026-03-20");
  EXPECT_TRUE(PrepareReview(review, kToday, "review").ok());
  CompleteReview(review);
  return review;
}

v1::ReviewState Decide(v1::Review& review, const std::string& principal,
                       v1::ReviewOutcome outcome = v1::REVIEW_OUTCOME_APPROVED) {
  const auto seat = FindSeat(review, principal, 0);
  EXPECT_TRUE(seat.ok()) << seat.status();
  if (!seat.ok()) return v1::REVIEW_STATE_UNSPECIFIED;
  review.mutable_steps(seat->step)->mutable_reviewers(seat->reviewer)->mutable_decision()->set_outcome(outcome);
  const v1::ReviewState state = Advance(review);
  CompleteReview(review);
  return state;
}

std::string Pending(const v1::Review& review) {
  std::string all;
  for (const std::string& principal : review.pending_reviewers()) all += (all.empty() ? "" : " ") + principal;
  return all;
}

TEST(ReviewRulesTest, StepsInSequenceOpenOneAfterTheOther) {
  v1::Review review = Opened();
  EXPECT_EQ(review.document(), "projects/p/documents/SPC-0001");
  EXPECT_EQ(Pending(review), "ada bob eve");
  EXPECT_EQ(review.open_due_date(), "2026-03-12");
  EXPECT_EQ(ReasonOf(FindSeat(review, "grace", 0).status()), "STEP_NOT_OPEN");
  EXPECT_TRUE(FindSeat(review, "grace", 0, true).ok()) << "may be handed over ahead";
  EXPECT_EQ(Decide(review, "ada"), v1::REVIEW_STATE_OPEN);
  EXPECT_EQ(Pending(review), "bob eve");
  EXPECT_EQ(ReasonOf(FindSeat(review, "ada", 0).status()), "DECIDED_ALREADY");
  EXPECT_EQ(Decide(review, "eve", v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS), v1::REVIEW_STATE_OPEN);
  EXPECT_EQ(Pending(review), "grace") << "the quorum was enough";
  EXPECT_EQ(review.open_due_date(), "2026-03-20");
  EXPECT_EQ(ReasonOf(FindSeat(review, "bob", 0).status()), "STEP_NOT_OPEN");
  EXPECT_EQ(Decide(review, "grace"), v1::REVIEW_STATE_APPROVED_WITH_COMMENTS);
}

TEST(ReviewRulesTest, StepsInParallelPassInAnyOrder) {
  v1::Review review = Opened(v1::STEP_ORDER_IN_PARALLEL);
  EXPECT_EQ(Pending(review), "ada bob eve grace");
  EXPECT_EQ(review.open_due_date(), "2026-03-12");
  EXPECT_EQ(Decide(review, "ada"), v1::REVIEW_STATE_OPEN);
  EXPECT_EQ(Decide(review, "grace"), v1::REVIEW_STATE_OPEN);
  EXPECT_EQ(Decide(review, "bob"), v1::REVIEW_STATE_APPROVED);
}

TEST(ReviewRulesTest, OneRefusalEndsIt) {
  for (const auto& [outcome, state] :
       {std::pair{v1::REVIEW_OUTCOME_REJECTED, v1::REVIEW_STATE_REJECTED},
        std::pair{v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT, v1::REVIEW_STATE_REVISE_AND_RESUBMIT}}) {
    v1::Review review = Opened();
    Decide(review, "ada");
    EXPECT_EQ(Decide(review, "bob", outcome), state);
    EndReview(review, state, "bob", {}, "");
    CompleteReview(review);
    EXPECT_EQ(Pending(review), "");
    EXPECT_EQ(review.open_due_date(), "");
    EXPECT_EQ(review.steps(1).state(), v1::REVIEW_STEP_STATE_STOPPED);
    EXPECT_EQ(ReasonOf(CheckReviewOpen(review)), "REVIEW_NOT_OPEN");
  }
}

std::string Refusal(const v1::Review& given) {
  v1::Review review = given;
  return ReasonOf(PrepareReview(review, kToday, "review"));
}

TEST(ReviewRulesTest, WhatCannotBeIsNamed) {
  v1::Review review;
  EXPECT_EQ(Refusal(review), "FIELD_INVALID") << "no steps";
  AddStep(review, {"ada", "bob"}, 3);
  EXPECT_EQ(Refusal(review), "QUORUM_TOO_LARGE");
  review.mutable_steps(0)->set_quorum(-1);
  EXPECT_EQ(Refusal(review), "FIELD_INVALID");
  review.mutable_steps(0)->set_quorum(1);
  review.mutable_steps(0)->set_due_date("2026-03-09");
  EXPECT_EQ(Refusal(review), "DUE_DATE_PAST");
  review.mutable_steps(0)->set_due_date("2026-02-30");
  EXPECT_EQ(Refusal(review), "DATE_INVALID");
  review.mutable_steps(0)->set_due_date("2026-03-20");
  AddStep(review, {"ada"});
  AddStep(review, {"ada"}, 0, "2026-03-19");
  EXPECT_EQ(Refusal(review), "DUE_DATES_OUT_OF_ORDER");
  review.set_step_order(v1::STEP_ORDER_IN_PARALLEL);
  EXPECT_EQ(Refusal(review), "") << "in parallel there is no order";
  AddStep(review, {"ada", "bob", "ada"});
  EXPECT_EQ(Refusal(review), "REVIEWER_REPEATED");
  EXPECT_EQ(ReasonOf(FindSeat(Opened(), "mallory", 0).status()), "NOT_A_REVIEWER");
  EXPECT_EQ(ErrorMetadataOf(FindSeat(Opened(), "mallory", 0).status(), "pending_reviewers"), "ada, bob, eve");
  EXPECT_EQ(ReasonOf(FindSeat(Opened(), "ada", 3).status()), "FIELD_INVALID");
  EXPECT_EQ(ReasonOf(ValidateDecision(v1::REVIEW_OUTCOME_REJECTED, "", 0)), "COMMENT_REQUIRED");
  EXPECT_TRUE(ValidateDecision(v1::REVIEW_OUTCOME_REJECTED, "", 1).ok());
  EXPECT_TRUE(ValidateDecision(v1::REVIEW_OUTCOME_APPROVED, "", 0).ok());
  EXPECT_FALSE(ValidateDecision(v1::REVIEW_OUTCOME_UNSPECIFIED, "x", 0).ok());
}

TEST(ReviewRulesTest, AnchorsAreWithinTheVersion) {
  v1::Version version;
  version.mutable_main_file()->set_file_name("a.md");
  version.add_companions()->set_file_name("a.pdf");
  v1::ReviewComment comment;
  comment.set_text("which pump?");
  comment.mutable_anchor()->set_first_line(7);
  ASSERT_TRUE(PrepareComment(comment, version, 0, "comment").ok());
  EXPECT_EQ(comment.number(), 1);
  EXPECT_EQ(comment.anchor().file(), "a.md");
  EXPECT_EQ(comment.anchor().last_line(), 7);
  comment.mutable_anchor()->set_last_line(6);
  EXPECT_EQ(ReasonOf(PrepareComment(comment, version, 0, "comment")), "ANCHOR_INVALID");
  comment.mutable_anchor()->set_last_line(0);
  comment.mutable_anchor()->set_page(-1);
  EXPECT_EQ(ReasonOf(PrepareComment(comment, version, 0, "comment")), "ANCHOR_INVALID");
  comment.mutable_anchor()->set_page(3);
  comment.mutable_anchor()->set_file("b.pdf");
  EXPECT_EQ(ReasonOf(PrepareComment(comment, version, 0, "comment")), "ANCHOR_INVALID");
  comment.mutable_anchor()->set_file("a.pdf");
  comment.set_reply_to(1);
  EXPECT_EQ(ReasonOf(PrepareComment(comment, version, 0, "comment")), "FIELD_INVALID");
  EXPECT_TRUE(PrepareComment(comment, version, 1, "comment").ok());
  comment.clear_text();
  EXPECT_FALSE(PrepareComment(comment, version, 1, "comment").ok());
}

TEST(ReviewRulesTest, TheStatementIsAsDocumented) {
  EXPECT_EQ(ReviewStatementText(Opened(), 2, "grace", v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS),
            "greffe.v1 review decision\n"
            "review: projects/p/reviews/RVW-0001\n"
            "version: projects/p/documents/SPC-0001/versions/2\n"
            "manifest-sha256: abc\n"
            "step: 2\n"
            "reviewer: grace\n"
            "outcome: APPROVED_WITH_COMMENTS\n");
}

}  // namespace
}  // namespace greffe
