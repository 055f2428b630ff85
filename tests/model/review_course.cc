#include "tests/model/review_course.h"

#include <algorithm>

#include "tests/model/entry_filters.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

bool IsPast(const std::string& day) { return day == Days()[0]; }

}  // namespace

bool Approves(v1::ReviewOutcome outcome) {
  return outcome == v1::REVIEW_OUTCOME_APPROVED || outcome == v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS;
}

void Settle(v1::Review& review) {
  std::set<v1::ReviewOutcome> outcomes;
  bool all_passed = true;
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    int approvals = 0;
    for (const v1::Reviewer& reviewer : step.reviewers()) {
      outcomes.insert(reviewer.decision().outcome());
      approvals += Approves(reviewer.decision().outcome());
    }
    const bool passed = approvals >= (step.quorum() == 0 ? step.reviewers_size() : step.quorum());
    const bool begun = all_passed || review.step_order() == v1::STEP_ORDER_IN_PARALLEL;
    step.set_state(passed  ? v1::REVIEW_STEP_STATE_PASSED
                   : begun ? v1::REVIEW_STEP_STATE_OPEN
                           : v1::REVIEW_STEP_STATE_WAITING);
    all_passed = all_passed && passed;
  }
  if (outcomes.contains(v1::REVIEW_OUTCOME_REJECTED)) {
    review.set_state(v1::REVIEW_STATE_REJECTED);
  } else if (outcomes.contains(v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT)) {
    review.set_state(v1::REVIEW_STATE_REVISE_AND_RESUBMIT);
  } else if (!all_passed) {
    review.set_state(v1::REVIEW_STATE_OPEN);
  } else {
    review.set_state(outcomes.contains(v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS)
                         ? v1::REVIEW_STATE_APPROVED_WITH_COMMENTS
                         : v1::REVIEW_STATE_APPROVED);
  }
}

void EndReview(v1::Review& review, const Made* made, const std::string& reason) {
  review.mutable_end()->set_reason(reason);
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    if (step.state() != v1::REVIEW_STEP_STATE_PASSED) step.set_state(v1::REVIEW_STEP_STATE_STOPPED);
  }
  if (made == nullptr) return;
  review.mutable_end()->set_principal(made->change.author().id());
  *review.mutable_end()->mutable_time() = made->change.record_time();
}

void CompleteReview(v1::Review& review) {
  review.set_document(DocumentNameIn(review.version()));
  review.clear_pending_reviewers();
  review.clear_open_due_date();
  std::set<std::string> pending;
  std::set<std::string> due;
  for (const v1::ReviewStep& step : review.steps()) {
    if (step.state() != v1::REVIEW_STEP_STATE_OPEN) continue;
    if (!step.due_date().empty()) due.insert(step.due_date());
    for (const v1::Reviewer& reviewer : step.reviewers()) {
      if (!reviewer.has_decision()) pending.insert(reviewer.principal());
    }
  }
  for (const std::string& principal : pending) review.add_pending_reviewers(principal);
  if (!due.empty()) review.set_open_due_date(*due.begin());
}

std::string StatementOf(const v1::Review& review, int step, const std::string& reviewer, v1::ReviewOutcome outcome) {
  return "greffe.v1 review decision\nreview: " + review.name() + "\nversion: " + review.version() +
         "\nmanifest-sha256: " + review.manifest_sha256() + "\nstep: " + std::to_string(step) +
         "\nreviewer: " + reviewer +
         "\noutcome: " + v1::ReviewOutcome_Name(outcome).substr(std::string("REVIEW_OUTCOME_").size()) + "\n";
}

bool IsOpen(const v1::Review& review) { return review.state() == v1::REVIEW_STATE_OPEN; }

bool MayChange(const v1::ReviewStep& step) {
  return step.state() == v1::REVIEW_STEP_STATE_OPEN || step.state() == v1::REVIEW_STEP_STATE_WAITING;
}

Seat FindSeat(v1::Review& review, const std::string& principal, int step, bool ahead, std::set<std::string>& refusals) {
  if (step < 0 || step > review.steps_size()) {
    refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
    return {};
  }
  std::set<std::string> found;
  for (int number = 1; number <= review.steps_size(); ++number) {
    if (step != 0 && number != step) continue;
    v1::ReviewStep& one = *review.mutable_steps(number - 1);
    for (v1::Reviewer& reviewer : *one.mutable_reviewers()) {
      if (reviewer.principal() != principal) continue;
      if (reviewer.has_decision()) {
        found.insert("FAILED_PRECONDITION DECIDED_ALREADY");
      } else if (one.state() == v1::REVIEW_STEP_STATE_OPEN || (ahead && MayChange(one))) {
        return {&one, &reviewer, number};
      } else {
        found.insert("FAILED_PRECONDITION STEP_NOT_OPEN");
      }
    }
  }
  if (found.empty()) found.insert("PERMISSION_DENIED NOT_A_REVIEWER");
  refusals.merge(found);
  return {};
}

void CheckStep(const v1::Review& review, int index, std::set<std::string>& refusals) {
  const v1::ReviewStep& step = review.steps(index);
  if (step.reviewers().empty()) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  if (step.quorum() < 0) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  if (step.quorum() > step.reviewers_size()) refusals.insert("INVALID_ARGUMENT QUORUM_TOO_LARGE");
  if (step.due_date().empty()) return;
  if (IsPast(step.due_date())) refusals.insert("INVALID_ARGUMENT DUE_DATE_PAST");
  if (review.step_order() == v1::STEP_ORDER_IN_PARALLEL) return;
  for (int other = 0; other < review.steps_size(); ++other) {
    const std::string& day = review.steps(other).due_date();
    if (day.empty()) continue;
    if (other < index ? day > step.due_date() : day < step.due_date()) {
      refusals.insert("INVALID_ARGUMENT DUE_DATES_OUT_OF_ORDER");
    }
  }
}

}  // namespace greffe::model
