#include "storage/base/review_changes.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/review_rules.h"

namespace greffe {
namespace {

constexpr char kDayOfChanges[] = "2026-03-10";

v1::Review OpenedForChanges(v1::StepOrder order) {
  v1::Review review;
  review.set_name("projects/p/reviews/RVW-0001");
  review.set_step_order(order);
  for (const char* date : {"2026-03-12", "2026-03-20"}) {
    v1::ReviewStep& step = *review.add_steps();
    step.add_reviewers()->set_principal("ada");
    step.add_reviewers()->set_principal("bob");
    step.set_due_date(date);
  }
  EXPECT_TRUE(PrepareReview(review, kDayOfChanges, "review").ok());
  return review;
}

TEST(ReviewChangesTest, TheFirstStepThatHasNotPassedIsMeantUnlessAnotherIsNamed) {
  v1::Review review = OpenedForChanges(v1::STEP_ORDER_IN_PARALLEL);
  v1::ChangeReviewStepRequest request;
  request.add_add_reviewers("eve");
  EXPECT_EQ(ChangeStep(review, request, kDayOfChanges)->step(), 1);
  review.mutable_steps(0)->set_state(v1::REVIEW_STEP_STATE_PASSED);
  EXPECT_EQ(ChangeStep(review, request, kDayOfChanges)->step(), 2);
  request.set_step(1);
  EXPECT_EQ(ReasonOf(ChangeStep(review, request, kDayOfChanges).status()), "STEP_NOT_OPEN");
}

TEST(ReviewChangesTest, DueDatesAreInOrderOnlyWhereStepsAre) {
  v1::Review sequence = OpenedForChanges(v1::STEP_ORDER_IN_SEQUENCE);
  v1::Review parallel = OpenedForChanges(v1::STEP_ORDER_IN_PARALLEL);
  v1::ChangeReviewStepRequest request;
  request.set_due_date("2026-03-21");
  EXPECT_EQ(ReasonOf(ChangeStep(sequence, request, kDayOfChanges).status()), "DUE_DATES_OUT_OF_ORDER");
  EXPECT_TRUE(ChangeStep(parallel, request, kDayOfChanges).ok());
}

TEST(ReviewChangesTest, ADateThatPassedMeanwhileMayStay) {
  v1::Review review = OpenedForChanges(v1::STEP_ORDER_IN_SEQUENCE);
  v1::ChangeReviewStepRequest request;
  request.add_add_reviewers("eve");
  request.set_due_date("2026-03-12");
  EXPECT_TRUE(ChangeStep(review, request, "2026-03-15").ok());
  v1::ChangeReviewStepRequest none;
  none.set_due_date("");
  const auto change = ChangeStep(review, none, "2026-03-15");
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->previous_due_date(), "2026-03-12");
  EXPECT_EQ(review.steps(0).due_date(), "");
}

TEST(ReviewChangesTest, HowADecisionCameToOneWhoIsTakenOutIsKept) {
  v1::Review review = OpenedForChanges(v1::STEP_ORDER_IN_SEQUENCE);
  review.mutable_steps(0)->mutable_reviewers(1)->add_delegations()->set_delegator("grace");
  v1::ChangeReviewStepRequest request;
  request.add_remove_reviewers("bob");
  const auto change = ChangeStep(review, request, kDayOfChanges);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->removed_reviewers(0).delegations(0).delegator(), "grace");
}

}  // namespace
}  // namespace greffe
