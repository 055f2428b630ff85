#include "storage/base/review_rules.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr int kMaxSteps = 20;
constexpr int kMaxReviewers = 50;
constexpr int kMaxDescription = 10'000;
constexpr int kMaxComments = 2000;
constexpr int kMaxCommentsOfDecision = 200;
constexpr int kMaxText = 10'000;
constexpr int kMaxQuote = 1000;
// No file has so many pages or lines.
constexpr int kMaxPlace = 100'000'000;

template <typename Enum>
std::string Name(Enum value) {
  return ShortEnumName(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

int Needed(const v1::ReviewStep& step) { return step.quorum() > 0 ? step.quorum() : step.reviewers_size(); }

absl::Status TooMany(const std::string& field, int count, int allowed, int least = 1) {
  return InvalidField(field, "FIELD_INVALID", absl::StrCat(count, " of them; allowed are ", least, " to ", allowed));
}

absl::Status PrepareStep(v1::ReviewStep& step, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(step.title(), field + ".title", 0, 200));
  GREFFE_RETURN_IF_ERROR(CheckReviewerCount(step.reviewers_size(), 1, field + ".reviewers"));
  std::set<std::string> principals;
  for (int i = 0; i < step.reviewers_size(); ++i) {
    v1::Reviewer& reviewer = *step.mutable_reviewers(i);
    const std::string place = absl::StrCat(field, ".reviewers[", i, "].principal");
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(reviewer.principal(), place));
    if (!principals.insert(reviewer.principal()).second) {
      return InvalidField(place, "REVIEWER_REPEATED",
                          "'" + reviewer.principal() + "': is a reviewer of the step twice");
    }
    reviewer.clear_delegations();
    reviewer.clear_decision();
  }
  return CheckQuorum(step, field + ".quorum");
}

std::vector<std::string> PendingReviewers(const v1::Review& review) {
  std::set<std::string> pending;
  for (const v1::ReviewStep& step : review.steps()) {
    if (step.state() != v1::REVIEW_STEP_STATE_OPEN) continue;
    for (const v1::Reviewer& reviewer : step.reviewers()) {
      if (!reviewer.has_decision()) pending.insert(reviewer.principal());
    }
  }
  return {pending.begin(), pending.end()};
}

absl::Status AnchorInvalid(const std::string& field, const std::string& finding) {
  return InvalidField(field, "ANCHOR_INVALID", finding);
}

absl::Status PrepareAnchor(v1::TextAnchor& anchor, const v1::Version& version, const std::string& field) {
  const auto& companions = version.companions();
  const auto is_named = [&](const v1::File& file) { return file.file_name() == anchor.file(); };
  if (anchor.file().empty()) anchor.set_file(version.main_file().file_name());
  if (!is_named(version.main_file()) && std::none_of(companions.begin(), companions.end(), is_named)) {
    return AnchorInvalid(field + ".file",
                         "'" + PrintableUtf8(anchor.file().substr(0, 200)) + "': the version has no such file");
  }
  if (anchor.page() < 0 || anchor.page() > kMaxPlace) {
    return AnchorInvalid(field + ".page", absl::StrCat(anchor.page(), ": pages are counted from 1 on"));
  }
  if (anchor.first_line() < 0 || anchor.first_line() > kMaxPlace) {
    return AnchorInvalid(field + ".first_line", absl::StrCat(anchor.first_line(), ": lines are counted from 1 on"));
  }
  if (anchor.last_line() == 0) anchor.set_last_line(anchor.first_line());
  if (anchor.last_line() < anchor.first_line() || anchor.last_line() > kMaxPlace ||
      (anchor.first_line() == 0 && anchor.last_line() != 0)) {
    return AnchorInvalid(field + ".last_line",
                         absl::StrCat(anchor.last_line(), ": is not from the first line on, ", anchor.first_line()));
  }
  return ValidateText(anchor.quoted_text(), field + ".quoted_text", 0, kMaxQuote, true);
}

}  // namespace

void CompleteReview(google::protobuf::Message& message) {
  auto& review = static_cast<v1::Review&>(message);
  review.set_document(review.version().substr(0, review.version().rfind("/versions/")));
  review.clear_pending_reviewers();
  review.clear_open_due_date();
  if (review.state() != v1::REVIEW_STATE_OPEN) return;
  for (std::string& principal : PendingReviewers(review)) review.add_pending_reviewers(std::move(principal));
  for (const v1::ReviewStep& step : review.steps()) {
    if (step.state() != v1::REVIEW_STEP_STATE_OPEN || step.due_date().empty()) continue;
    if (review.open_due_date().empty() || step.due_date() < review.open_due_date()) {
      review.set_open_due_date(step.due_date());
    }
  }
}

absl::Status PrepareReview(v1::Review& review, const std::string& today, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(review.title(), field + ".title", 0, 200));
  GREFFE_RETURN_IF_ERROR(ValidateText(review.description(), field + ".description", 0, kMaxDescription, true));
  if (review.step_order() == v1::STEP_ORDER_UNSPECIFIED) review.set_step_order(v1::STEP_ORDER_IN_SEQUENCE);
  if (!v1::StepOrder_IsValid(review.step_order())) {
    return InvalidField(field + ".step_order", "FIELD_INVALID",
                        absl::StrCat(static_cast<int>(review.step_order()), ": there is no such order"));
  }
  if (review.steps_size() < 1 || review.steps_size() > kMaxSteps) {
    return TooMany(field + ".steps", review.steps_size(), kMaxSteps);
  }
  for (int i = 0; i < review.steps_size(); ++i) {
    v1::ReviewStep& step = *review.mutable_steps(i);
    GREFFE_RETURN_IF_ERROR(PrepareStep(step, absl::StrCat(field, ".steps[", i, "]")));
    const bool open = i == 0 || review.step_order() == v1::STEP_ORDER_IN_PARALLEL;
    step.set_state(open ? v1::REVIEW_STEP_STATE_OPEN : v1::REVIEW_STEP_STATE_WAITING);
  }
  for (int i = 0; i < review.steps_size(); ++i) {
    GREFFE_RETURN_IF_ERROR(CheckDueDate(review, i, today, absl::StrCat(field, ".steps[", i, "].due_date")));
  }
  review.set_state(v1::REVIEW_STATE_OPEN);
  review.clear_comments();
  review.clear_changes();
  review.clear_end();
  return absl::OkStatus();
}

absl::Status CheckReviewerCount(int count, int least, const std::string& field) {
  if (count >= least && count <= kMaxReviewers) return absl::OkStatus();
  return TooMany(field, count, kMaxReviewers, least);
}

absl::Status CheckQuorum(const v1::ReviewStep& step, const std::string& field) {
  if (step.quorum() < 0) {
    return InvalidField(field, "FIELD_INVALID", absl::StrCat(step.quorum(), ": a quorum is 0 or more"));
  }
  if (step.quorum() <= step.reviewers_size()) return absl::OkStatus();
  return InvalidField(
      field, "QUORUM_TOO_LARGE",
      absl::StrCat(step.quorum(), " approvals of ", step.reviewers_size(), " reviewers cannot be had"),
      {{"quorum", std::to_string(step.quorum())}, {"reviewers", std::to_string(step.reviewers_size())}});
}

absl::Status CheckDueDate(const v1::Review& review, int step, const std::string& today, const std::string& field) {
  const std::string& date = review.steps(step).due_date();
  GREFFE_RETURN_IF_ERROR(ValidateDate(date, field));
  if (date.empty()) return absl::OkStatus();
  if (date < today) {
    return InvalidField(field, "DUE_DATE_PAST", "'" + date + "': is in the past; today is " + today,
                        {{"due_date", date}, {"today", today}});
  }
  if (review.step_order() != v1::STEP_ORDER_IN_SEQUENCE) return absl::OkStatus();
  std::string latest;
  for (int i = 0; i < step; ++i) latest = std::max(latest, review.steps(i).due_date());
  if (date >= latest) return absl::OkStatus();
  return InvalidField(field, "DUE_DATES_OUT_OF_ORDER",
                      "'" + date + "': is before " + latest + ", when an earlier step is due",
                      {{"due_date", date}, {"earlier_due_date", latest}});
}

absl::Status StepNotOpen(const v1::Review& review, int step) {
  const std::string number = std::to_string(step);
  const std::string state = Name(review.steps(step - 1).state());
  return Error(absl::StatusCode::kFailedPrecondition, "STEP_NOT_OPEN",
               "step " + number + " of '" + review.name() + "' is " + state,
               {{"review", review.name()}, {"step", number}, {"state", state}});
}

absl::Status DecidedAlready(const v1::Review& review, int step, const v1::Reviewer& reviewer) {
  const std::string number = std::to_string(step);
  const std::string outcome = Name(reviewer.decision().outcome());
  return Error(
      absl::StatusCode::kFailedPrecondition, "DECIDED_ALREADY",
      "'" + reviewer.principal() + "' has decided in step " + number + " of '" + review.name() + "': " + outcome,
      {{"review", review.name()}, {"step", number}, {"outcome", outcome}});
}

absl::Status CheckReviewOpen(const v1::Review& review) {
  if (review.state() == v1::REVIEW_STATE_OPEN) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "REVIEW_NOT_OPEN",
               "'" + review.name() + "' is " + Name(review.state()) + "; it stays so",
               {{"review", review.name()}, {"state", Name(review.state())}, {"allowed", ""}});
}

absl::Status CheckStep(const v1::Review& review, int step) {
  if (step >= 1 && step <= review.steps_size()) return absl::OkStatus();
  return InvalidField("step", "FIELD_INVALID", absl::StrCat(step, ": the review has steps 1 to ", review.steps_size()));
}

absl::StatusOr<Seat> FindSeat(const v1::Review& review, const std::string& principal, int step, bool ahead) {
  if (step != 0) GREFFE_RETURN_IF_ERROR(CheckStep(review, step));
  absl::Status finding;
  for (int s = 0; s < review.steps_size(); ++s) {
    if (step != 0 && s != step - 1) continue;
    const v1::ReviewStep& candidate = review.steps(s);
    for (int r = 0; r < candidate.reviewers_size(); ++r) {
      const v1::Reviewer& reviewer = candidate.reviewers(r);
      if (reviewer.principal() != principal) continue;
      const bool open = candidate.state() == v1::REVIEW_STEP_STATE_OPEN ||
                        (ahead && candidate.state() == v1::REVIEW_STEP_STATE_WAITING);
      if (open && !reviewer.has_decision()) return Seat{s, r};
      finding = reviewer.has_decision() ? DecidedAlready(review, s + 1, reviewer) : StepNotOpen(review, s + 1);
    }
  }
  if (!finding.ok()) return finding;
  return Error(absl::StatusCode::kPermissionDenied, "NOT_A_REVIEWER",
               "'" + principal + "' is no reviewer of '" + review.name() + "'",
               {{"review", review.name()},
                {"principal", principal},
                {"pending_reviewers", absl::StrJoin(PendingReviewers(review), ", ")}});
}

absl::Status CheckOutcome(v1::ReviewOutcome outcome) {
  if (outcome != v1::REVIEW_OUTCOME_UNSPECIFIED && v1::ReviewOutcome_IsValid(outcome)) return absl::OkStatus();
  return InvalidField(
      "outcome", "FIELD_INVALID",
      "'" + Name(outcome) + "': expected APPROVED, APPROVED_WITH_COMMENTS, REVISE_AND_RESUBMIT or REJECTED");
}

absl::Status ValidateDecision(v1::ReviewOutcome outcome, const std::string& comment, int comment_count) {
  GREFFE_RETURN_IF_ERROR(CheckOutcome(outcome));
  GREFFE_RETURN_IF_ERROR(ValidateText(comment, "comment", 0, kMaxText, true));
  if (comment_count > kMaxCommentsOfDecision) return TooMany("comments", comment_count, kMaxCommentsOfDecision);
  if (outcome == v1::REVIEW_OUTCOME_APPROVED || !comment.empty() || comment_count > 0) return absl::OkStatus();
  return InvalidField("comment", "COMMENT_REQUIRED", "'" + Name(outcome) + "' needs a comment that says why");
}

absl::Status PrepareComment(v1::ReviewComment& comment, const v1::Version& version, int count,
                            const std::string& field) {
  if (count >= kMaxComments) {
    return Error(absl::StatusCode::kFailedPrecondition, "REVIEW_FULL", "a review has at most 2,000 comments");
  }
  GREFFE_RETURN_IF_ERROR(ValidateText(comment.text(), field + ".text", 1, kMaxText, true));
  if (comment.reply_to() < 0 || comment.reply_to() > count) {
    return InvalidField(field + ".reply_to", "FIELD_INVALID",
                        absl::StrCat(comment.reply_to(), ": the review has ", count, " comments"));
  }
  if (comment.has_anchor()) {
    GREFFE_RETURN_IF_ERROR(PrepareAnchor(*comment.mutable_anchor(), version, field + ".anchor"));
  }
  comment.set_number(count + 1);
  return absl::OkStatus();
}

v1::ReviewState Advance(v1::Review& review) {
  bool with_comments = false;
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    int approvals = 0;
    for (const v1::Reviewer& reviewer : step.reviewers()) {
      if (!reviewer.has_decision()) continue;
      const v1::ReviewOutcome outcome = reviewer.decision().outcome();
      if (outcome == v1::REVIEW_OUTCOME_REJECTED) return v1::REVIEW_STATE_REJECTED;
      if (outcome == v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT) return v1::REVIEW_STATE_REVISE_AND_RESUBMIT;
      with_comments = with_comments || outcome == v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS;
      ++approvals;
    }
    if (step.state() == v1::REVIEW_STEP_STATE_OPEN && approvals >= Needed(step)) {
      step.set_state(v1::REVIEW_STEP_STATE_PASSED);
    }
  }
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    if (step.state() == v1::REVIEW_STEP_STATE_PASSED) continue;
    // In sequence nothing after this one is open; in parallel everything is.
    if (step.state() == v1::REVIEW_STEP_STATE_WAITING) step.set_state(v1::REVIEW_STEP_STATE_OPEN);
    return v1::REVIEW_STATE_OPEN;
  }
  return with_comments ? v1::REVIEW_STATE_APPROVED_WITH_COMMENTS : v1::REVIEW_STATE_APPROVED;
}

void EndReview(v1::Review& review, v1::ReviewState state, const std::string& principal,
               const google::protobuf::Timestamp& time, const std::string& reason) {
  review.set_state(state);
  review.mutable_end()->set_principal(principal);
  *review.mutable_end()->mutable_time() = time;
  review.mutable_end()->set_reason(reason);
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    if (step.state() != v1::REVIEW_STEP_STATE_PASSED) step.set_state(v1::REVIEW_STEP_STATE_STOPPED);
  }
}

std::string ReviewStatementText(const v1::Review& review, int step, const std::string& reviewer,
                                v1::ReviewOutcome outcome) {
  return absl::StrCat("greffe.v1 review decision\n", "review: ", review.name(), "\n", "version: ", review.version(),
                      "\n", "manifest-sha256: ", review.manifest_sha256(), "\n", "step: ", step, "\n",
                      "reviewer: ", reviewer, "\n", "outcome: ", Name(outcome), "\n");
}

bool Approves(v1::ReviewOutcome outcome) {
  return outcome == v1::REVIEW_OUTCOME_APPROVED || outcome == v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS;
}

}  // namespace greffe
