// Rules of what reads reviews.
#include <algorithm>

#include "greffe/v1/reviews.pb.h"
#include "tests/model/entry_filters.h"
#include "tests/model/review_course.h"
#include "tests/model/review_filters.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

Expected GetReview(const Moment& now, const v1::GetReviewRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto* review = moment->Find<v1::Review>(request.name());
  if (review == nullptr) return Expected::Refused({"NOT_FOUND RECORD_NOT_FOUND"});
  Expected expected;
  expected.answer = std::make_shared<v1::Review>(*review);
  return expected;
}

// Without what GetReview alone answers.
v1::Review Listed(v1::Review review) {
  review.clear_comments();
  review.clear_changes();
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    for (v1::Reviewer& reviewer : *step.mutable_reviewers()) {
      if (!reviewer.has_decision()) continue;
      v1::ReviewDecision shown;
      shown.set_outcome(reviewer.decision().outcome());
      shown.set_principal(reviewer.decision().principal());
      *shown.mutable_time() = reviewer.decision().time();
      *reviewer.mutable_decision() = shown;
    }
  }
  return review;
}

// Due dates are far from now, so that which day it is matters for a moment in the future alone.
std::string DayOf(const v1::AsOf& as_of) { return as_of.has_time() ? DayAt(as_of.time().seconds()) : DayIn(0); }

Expected ListReviews(const Moment& now, const v1::ListReviewsRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  const auto matches = ReviewFilterOf(request.filter());
  if (matches == nullptr) refusals.insert("INVALID_ARGUMENT FILTER_INVALID");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  const EntryOrder order = EntryOrderOf(request.order_by());
  std::vector<std::pair<std::string, const v1::Review*>> chosen;
  for (const v1::Review* review : moment->All<v1::Review>()) {
    const auto& pending = review->pending_reviewers();
    const bool is_awaited = std::find(pending.begin(), pending.end(), request.reviewer()) != pending.end();
    if (!request.reviewer().empty() && !is_awaited) continue;
    const std::string& due = review->open_due_date();
    if (request.overdue() && (due.empty() || due >= DayOf(request.as_of()))) continue;
    if (matches(*review)) chosen.emplace_back(KeyOf(order, *review) + '\0' + IdOf(review->name()), review);
  }
  std::sort(chosen.begin(), chosen.end());
  if (order.descending) std::reverse(chosen.begin(), chosen.end());
  auto response = std::make_shared<v1::ListReviewsResponse>();
  for (const auto& [key, review] : chosen) *response->add_reviews() = Listed(*review);
  response->set_sequence(moment->sequence());
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

Expected GetReviewStatement(const Moment& now, const v1::GetReviewStatementRequest& request, const std::string& caller,
                            const Made*) {
  Refusals refusals;
  if (request.outcome() == v1::REVIEW_OUTCOME_UNSPECIFIED) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto* found = moment->Find<v1::Review>(request.name());
  if (found == nullptr) refusals.insert("NOT_FOUND RECORD_NOT_FOUND");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  v1::Review review = *found;
  const std::string& reviewer = request.reviewer().empty() ? caller : request.reviewer();
  int step = request.step();
  if (step == 0) step = FindSeat(review, reviewer, 0, false, refusals).number;
  if (step < 0 || step > review.steps_size()) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  auto statement = std::make_shared<v1::ReviewStatement>();
  statement->set_text(StatementOf(review, step, reviewer, request.outcome()));
  statement->set_namespace_("greffe-review");
  statement->set_step(step);
  Expected expected;
  expected.answer = std::move(statement);
  return expected;
}

}  // namespace

void AddReviewReadRules(Rules& rules) {
  rules.Add<v1::GetReviewRequest>(GetReview);
  rules.Add<v1::ListReviewsRequest>(ListReviews);
  rules.AddByCaller<v1::GetReviewStatementRequest>(GetReviewStatement);
}

}  // namespace greffe::model
