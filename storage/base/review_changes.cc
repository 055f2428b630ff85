#include "storage/base/review_changes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/review_rules.h"

namespace greffe {
namespace {

// From 0 on.
absl::StatusOr<int> FindStep(const v1::Review& review, int number) {
  const auto& steps = review.steps();
  const auto may_change = [](const v1::ReviewStep& step) {
    return step.state() == v1::REVIEW_STEP_STATE_OPEN || step.state() == v1::REVIEW_STEP_STATE_WAITING;
  };
  if (number == 0) {
    // A review is open because there is one.
    number = static_cast<int>(std::find_if(steps.begin(), steps.end(), may_change) - steps.begin()) + 1;
  }
  GREFFE_RETURN_IF_ERROR(CheckStep(review, number));
  if (!may_change(steps[number - 1])) return StepNotOpen(review, number);
  return number - 1;
}

auto FindReviewer(v1::ReviewStep& step, const std::string& principal) {
  return std::find_if(step.mutable_reviewers()->begin(), step.mutable_reviewers()->end(),
                      [&](const v1::Reviewer& reviewer) { return reviewer.principal() == principal; });
}

absl::Status RemoveReviewers(const v1::Review& review, const v1::ChangeReviewStepRequest& request, int index,
                             v1::ReviewStep& step, v1::ReviewStepChange& change) {
  for (int i = 0; i < request.remove_reviewers_size(); ++i) {
    const std::string& principal = request.remove_reviewers(i);
    const auto reviewer = FindReviewer(step, principal);
    if (reviewer == step.mutable_reviewers()->end()) {
      return InvalidField(absl::StrCat("remove_reviewers[", i, "]"), "REVIEWER_UNKNOWN",
                          absl::StrCat(QuotedValue(principal), ": is no reviewer of step ", index + 1));
    }
    if (reviewer->has_decision()) return DecidedAlready(review, index + 1, *reviewer);
    *change.add_removed_reviewers() = *reviewer;
    step.mutable_reviewers()->erase(reviewer);
  }
  return absl::OkStatus();
}

absl::Status AddReviewers(const v1::ChangeReviewStepRequest& request, v1::ReviewStep& step,
                          v1::ReviewStepChange& change) {
  for (int i = 0; i < request.add_reviewers_size(); ++i) {
    const std::string& principal = request.add_reviewers(i);
    const std::string place = absl::StrCat("add_reviewers[", i, "]");
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(principal, place));
    const auto& removed = request.remove_reviewers();
    if (FindReviewer(step, principal) != step.mutable_reviewers()->end() ||
        std::find(removed.begin(), removed.end(), principal) != removed.end()) {
      return InvalidField(place, "REVIEWER_REPEATED", "'" + principal + "': is a reviewer of the step already");
    }
    step.add_reviewers()->set_principal(principal);
    change.add_added_reviewers(principal);
  }
  return absl::OkStatus();
}

absl::Status SetDueDate(v1::Review& review, int index, const std::string& date, const std::string& today) {
  v1::ReviewStep& step = *review.mutable_steps(index);
  if (step.due_date() == date) return absl::OkStatus();
  step.set_due_date(date);
  GREFFE_RETURN_IF_ERROR(CheckDueDate(review, index, today, "due_date"));
  if (review.step_order() != v1::STEP_ORDER_IN_SEQUENCE) return absl::OkStatus();
  for (int later = index + 1; later < review.steps_size(); ++later) {
    const std::string& limit = review.steps(later).due_date();
    if (limit.empty() || date <= limit) continue;
    return InvalidField("due_date", "DUE_DATES_OUT_OF_ORDER",
                        "'" + date + "': is after " + limit + ", when a later step is due",
                        {{"due_date", date}, {"later_due_date", limit}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ReviewStepChange> ChangeStep(v1::Review& review, const v1::ChangeReviewStepRequest& request,
                                                const std::string& today) {
  GREFFE_ASSIGN_OR_RETURN(const int index, FindStep(review, request.step()));
  v1::ReviewStep& step = *review.mutable_steps(index);
  v1::ReviewStepChange change;
  change.set_step(index + 1);
  change.set_previous_quorum(step.quorum());
  change.set_previous_due_date(step.due_date());
  GREFFE_RETURN_IF_ERROR(CheckReviewerCount(request.add_reviewers_size(), 0, "add_reviewers"));
  GREFFE_RETURN_IF_ERROR(CheckReviewerCount(request.remove_reviewers_size(), 0, "remove_reviewers"));
  GREFFE_RETURN_IF_ERROR(RemoveReviewers(review, request, index, step, change));
  GREFFE_RETURN_IF_ERROR(AddReviewers(request, step, change));
  const bool added = request.add_reviewers_size() > 0;
  GREFFE_RETURN_IF_ERROR(CheckReviewerCount(step.reviewers_size(), 1, added ? "add_reviewers" : "remove_reviewers"));
  if (request.has_quorum()) step.set_quorum(request.quorum());
  GREFFE_RETURN_IF_ERROR(CheckQuorum(step, "quorum"));
  if (request.has_due_date()) GREFFE_RETURN_IF_ERROR(SetDueDate(review, index, request.due_date(), today));
  change.set_quorum(step.quorum());
  change.set_due_date(step.due_date());
  if (!added && request.remove_reviewers_size() == 0 && change.quorum() == change.previous_quorum() &&
      change.due_date() == change.previous_due_date()) {
    return InvalidField("step", "NOTHING_TO_CHANGE", absl::StrCat("step ", index + 1, " is so already"));
  }
  return change;
}

}  // namespace greffe
