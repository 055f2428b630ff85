#include "tests/model/review_operations.h"

#include <algorithm>
#include <set>

#include "greffe/v1/reviews.pb.h"
#include "tests/model/any_values.h"
#include "tests/model/entry_filters.h"
#include "tests/model/review_course.h"
#include "tests/model/review_filters.h"
#include "tests/model/signer.h"

namespace greffe::model {
namespace {

bool IsAwaited(const v1::Review& review, const std::string& principal) {
  const auto& pending = review.pending_reviewers();
  return std::find(pending.begin(), pending.end(), principal) != pending.end();
}

// As far as is heard of it and of its document.
bool IsOpen(const Knowledge& known, const v1::Review& review) {
  const auto latest = known.latest.find(review.document());
  const bool went_on = latest != known.latest.end() && latest->second->name() != review.version();
  return review.state() == v1::REVIEW_STATE_OPEN && !went_on;
}

// One that was heard of, most often open as far as is known, and, where `wanted` says so of one, such a one; now and
// then one that is not there.
template <typename Wanted>
std::string AnyReviewName(Dice& dice, const Knowledge& known, Wanted wanted) {
  std::vector<std::string> all;
  std::vector<std::string> open;
  std::vector<std::string> best;
  for (const auto& [name, review] : known.reviews) {
    all.push_back(name);
    if (!IsOpen(known, *review)) continue;
    open.push_back(name);
    if (wanted(*review)) best.push_back(name);
  }
  if (all.empty() || dice.OneIn(40)) return Parent(known) + "/reviews/RVW-9" + std::to_string(100 + dice.Below(3));
  if (!best.empty() && !dice.OneIn(8)) return dice.Of(best);
  return open.empty() || dice.OneIn(8) ? dice.Of(all) : dice.Of(open);
}

// Whether AnyReviewName can find such a one.
template <typename Wanted>
bool HasReview(const Knowledge& known, Wanted wanted) {
  return std::any_of(known.reviews.begin(), known.reviews.end(),
                     [&](const auto& entry) { return IsOpen(known, *entry.second) && wanted(*entry.second); });
}

std::string AnyReviewName(Dice& dice, const Knowledge& known) {
  return AnyReviewName(dice, known, [](const v1::Review&) { return true; });
}

const v1::Review* Heard(const Knowledge& known, const std::string& name) {
  const auto found = known.reviews.find(name);
  return found == known.reviews.end() ? nullptr : found->second.get();
}

// A step's number; most often 0, which leaves it to the server.
int AnyStep(Dice& dice) { return dice.OneIn(5) ? static_cast<int>(1 + dice.Below(3)) : 0; }

// One of those whose turn it is, most often.
std::string AnyReviewer(Dice& dice, const v1::Review* review) {
  if (review == nullptr || review->pending_reviewers().empty() || dice.OneIn(6)) return AnyPerson(dice);
  return dice.Of(review->pending_reviewers());
}

std::string AnyReason(Dice& dice) { return dice.OneIn(25) ? "" : "Reason " + std::to_string(dice.Below(4)); }

// Far away, soon, or none; seldom past.
std::string AnyDueDate(Dice& dice) {
  if (dice.OneIn(2)) return "";
  return dice.OneIn(12) ? Days()[0] : Days()[static_cast<std::size_t>(1 + dice.Below(2))];
}

v1::ReviewComment AnyComment(Dice& dice) {
  v1::ReviewComment comment;
  comment.set_text(dice.OneIn(30) ? "" : "Line " + std::to_string(dice.Below(9)) + " is not right");
  if (dice.OneIn(10)) comment.set_reply_to(static_cast<int>(1 + dice.Below(3)));
  comment.set_principal("nobody");  // which is ignored
  if (!dice.OneIn(3)) return comment;
  v1::TextAnchor& anchor = *comment.mutable_anchor();
  if (dice.OneIn(6)) anchor.set_file(dice.OneIn(2) ? "x.txt" : "elsewhere.txt");
  if (dice.OneIn(2)) anchor.set_page(dice.OneIn(12) ? -1 : 3);
  if (dice.OneIn(2)) anchor.set_first_line(static_cast<int>(1 + dice.Below(9)));
  if (anchor.first_line() > 0 && dice.OneIn(2)) anchor.set_last_line(static_cast<int>(4 + dice.Below(9)));
  if (dice.OneIn(2)) anchor.set_quoted_text("text");
  return comment;
}

v1::ReviewStep AnyReviewStep(Dice& dice) {
  v1::ReviewStep step;
  if (dice.OneIn(2)) step.set_title("Step " + std::to_string(dice.Below(4)));
  std::set<std::string> people;
  const std::int64_t count = dice.OneIn(60) ? 0 : 1 + dice.Below(3);
  for (std::int64_t i = 0; i < count; ++i) people.insert(AnyPerson(dice));
  for (const std::string& person : people) step.add_reviewers()->set_principal(person);
  if (!people.empty() && dice.OneIn(40)) step.add_reviewers()->set_principal(*people.begin());
  if (dice.OneIn(2)) step.set_quorum(static_cast<int>(dice.Below(step.reviewers_size() + (dice.OneIn(8) ? 3 : 1))));
  step.set_due_date(AnyDueDate(dice));
  return step;
}

// Most often the one that the decision needs, as far as the review is known.
std::string AnySignature(Dice& dice, const v1::Review& known, const std::string& caller,
                         const v1::SubmitDecisionRequest& decision) {
  if (dice.OneIn(20)) return "With my own hand";
  v1::Review review = known;
  std::set<std::string> refusals;
  const int step = decision.step() > 0 ? decision.step() : FindSeat(review, caller, 0, false, refusals).number;
  const auto outcome = dice.OneIn(15) ? v1::REVIEW_OUTCOME_REJECTED : decision.outcome();
  return SignatureBy(dice.OneIn(15) ? AnyPerson(dice) : caller, StatementOf(review, step, caller, outcome));
}

// What a request may say, though the server alone sets it.
void Pretend(v1::Review& review) {
  review.set_state(v1::REVIEW_STATE_APPROVED);
  review.set_initiator("nobody");
  review.add_comments()->set_text("was said before");
  review.mutable_end()->set_reason("ended before it began");
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    step.set_state(v1::REVIEW_STEP_STATE_PASSED);
    for (v1::Reviewer& reviewer : *step.mutable_reviewers()) {
      reviewer.mutable_decision()->set_outcome(v1::REVIEW_OUTCOME_APPROVED);
      reviewer.add_delegations()->set_delegator("nobody");
    }
  }
}

}  // namespace

Request CreateReview(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::CreateReviewRequest>();
  request->set_parent(Parent(known));
  v1::Review& review = *request->mutable_review();
  review.set_version(AnyVersionName(dice, known));
  // Most often one that can be reviewed.
  const std::vector<std::string> drafts = known.LatestIn(v1::VERSION_STATE_DRAFT);
  if (!drafts.empty() && !dice.OneIn(6)) {
    const std::string& name = dice.EarlyOf(drafts);
    review.set_version(dice.OneIn(3) ? name.substr(0, name.rfind('/')) + "/latest" : name);
  }
  if (dice.OneIn(60)) review.set_version("projects/elsewhere/documents/REC-0001/versions/1");
  if (dice.OneIn(2)) review.set_title("Round " + std::to_string(dice.Below(4)));
  if (dice.OneIn(2)) review.set_description("Look at it\nclosely");
  const std::int64_t steps = dice.OneIn(60) ? 0 : 1 + dice.Below(3);
  for (std::int64_t i = 0; i < steps; ++i) *review.add_steps() = AnyReviewStep(dice);
  review.set_step_order(static_cast<v1::StepOrder>(dice.Below(3)));
  if (dice.OneIn(8)) Pretend(review);
  return request;
}

Request SubmitDecision(Dice& dice, const Knowledge& known) {
  const auto is_awaited = [&](const v1::Review& review) { return IsAwaited(review, known.caller); };
  if (!HasReview(known, is_awaited) && !dice.OneIn(4)) return CreateReview(dice, known);
  auto request = std::make_shared<v1::SubmitDecisionRequest>();
  request->set_name(AnyReviewName(dice, known, is_awaited));
  const std::int64_t outcome = dice.Below(30);
  request->set_outcome(outcome == 0   ? v1::REVIEW_OUTCOME_UNSPECIFIED
                       : outcome <= 2 ? v1::REVIEW_OUTCOME_REJECTED
                       : outcome <= 5 ? v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT
                       : outcome < 14 ? v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS
                                      : v1::REVIEW_OUTCOME_APPROVED);
  if (!dice.OneIn(8)) request->set_comment("Because of " + std::to_string(dice.Below(4)));
  const std::int64_t comments = dice.OneIn(3) ? 1 + dice.Below(2) : 0;
  for (std::int64_t i = 0; i < comments; ++i) *request->add_comments() = AnyComment(dice);
  request->set_step(AnyStep(dice));
  const v1::Review* review = Heard(known, request->name());
  if (review != nullptr && dice.OneIn(3)) request->set_signature(AnySignature(dice, *review, known.caller, *request));
  return request;
}

Request AddReviewComment(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::AddReviewCommentRequest>();
  request->set_name(AnyReviewName(dice, known));
  *request->mutable_comment() = AnyComment(dice);
  return request;
}

Request DelegateReview(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::DelegateReviewRequest>();
  const auto may = [&](const v1::Review& review) {
    return IsAwaited(review, known.caller) || review.initiator() == known.caller;
  };
  request->set_name(AnyReviewName(dice, known, may));
  if (dice.OneIn(2)) request->set_reviewer(AnyReviewer(dice, Heard(known, request->name())));
  request->set_delegate(AnyPerson(dice));
  request->set_step(AnyStep(dice));
  if (dice.OneIn(2)) request->set_comment("On leave");
  return request;
}

Request ChangeReviewStep(Dice& dice, const Knowledge& known) {
  const auto is_own = [&](const v1::Review& review) { return review.initiator() == known.caller; };
  if (!HasReview(known, is_own) && !dice.OneIn(4)) return CreateReview(dice, known);
  auto request = std::make_shared<v1::ChangeReviewStepRequest>();
  request->set_name(AnyReviewName(dice, known, is_own));
  const v1::Review* review = Heard(known, request->name());
  request->set_step(AnyStep(dice));
  if (dice.OneIn(2)) request->add_add_reviewers(AnyPerson(dice));
  if (dice.OneIn(2)) request->add_remove_reviewers(AnyReviewer(dice, review));
  if (dice.OneIn(3)) request->set_quorum(static_cast<int>(dice.OneIn(20) ? -1 : dice.Below(4)));
  if (dice.OneIn(3)) request->set_due_date(AnyDueDate(dice));
  request->set_reason(AnyReason(dice));
  return request;
}

Request AbortReview(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::AbortReviewRequest>();
  request->set_name(AnyReviewName(dice, known));
  request->set_reason(AnyReason(dice));
  return request;
}

Request GetReview(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetReviewRequest>();
  request->set_name(AnyReviewName(dice, known));
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ListReviews(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListReviewsRequest>();
  request->set_parent(Parent(known));
  request->set_page_size(dice.OneIn(3) ? 2 + static_cast<int>(dice.Below(5)) : 1000);
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  request->set_filter(dice.OneIn(6) ? FilterByDocument(AnyName(dice, known)) : dice.Of(ReviewFilters()));
  request->set_order_by(dice.Of(ReviewOrders()));
  if (dice.OneIn(3)) request->set_reviewer(dice.OneIn(2) ? known.caller : AnyPerson(dice));
  request->set_overdue(dice.OneIn(3));
  // Nothing is overdue yet.
  if (request->overdue() && dice.OneIn(2)) request->mutable_as_of()->mutable_time()->set_seconds(SecondsIn(200));
  return request;
}

Request GetReviewStatement(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetReviewStatementRequest>();
  request->set_name(AnyReviewName(dice, known, [&](const v1::Review& r) { return IsAwaited(r, known.caller); }));
  if (dice.OneIn(2)) request->set_reviewer(AnyReviewer(dice, Heard(known, request->name())));
  request->set_outcome(static_cast<v1::ReviewOutcome>(dice.OneIn(20) ? 0 : 1 + dice.Below(4)));
  request->set_step(AnyStep(dice));
  if (dice.OneIn(4)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

}  // namespace greffe::model
