// Rules of what opens, decides, changes and ends reviews.
#include <algorithm>
#include <cstdio>

#include "greffe/v1/reviews.pb.h"
#include "tests/model/draft.h"
#include "tests/model/lifecycle.h"
#include "tests/model/registers.h"
#include "tests/model/review_course.h"
#include "tests/model/signer.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

// A review with what it is about; no review, with `refusals`, where there is none.
struct Subject {
  const v1::Review* review = nullptr;
  const v1::Document* document = nullptr;
  const v1::Version* version = nullptr;
  v1::LifecycleRule rule;
};

Subject Find(const Moment& moment, const std::string& name, Refusals& refusals) {
  Subject subject;
  if (!moment.exists()) refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
  subject.review = moment.Find<v1::Review>(name);
  if (subject.review == nullptr) {
    refusals.insert("NOT_FOUND RECORD_NOT_FOUND");
    return subject;
  }
  subject.document = moment.Find<v1::Document>(subject.review->document());
  subject.version = moment.Find<v1::Version>(subject.review->version());
  subject.rule = LifecycleOf(moment, *subject.document);
  return subject;
}

// Ended ones have no review.
Subject FindOpen(const Moment& moment, const std::string& name, Refusals& refusals) {
  Subject subject = Find(moment, name, refusals);
  if (subject.review == nullptr || IsOpen(*subject.review)) return subject;
  const bool went_on = subject.document->latest_version().number() > subject.version->number();
  const bool voided = subject.review->state() == v1::REVIEW_STATE_VOIDED;
  refusals.insert(voided && went_on ? "FAILED_PRECONDITION VERSION_NOT_LATEST" : "FAILED_PRECONDITION REVIEW_NOT_OPEN");
  subject.review = nullptr;
  return subject;
}

void CheckIndependent(const v1::LifecycleRule& rule, const v1::Version& version, const std::string& reviewer,
                      Refusals& refusals) {
  if (rule.independent_review() && version.author().id() == reviewer) {
    refusals.insert("FAILED_PRECONDITION AUTHOR_IS_REVIEWER");
  }
}

void StampTime(const Made* made, google::protobuf::Timestamp& time) {
  if (made != nullptr) time = made->change.record_time();
}

// The commit that leaves the review so. One that has ended takes its version along.
Expected Answered(const Moment& moment, const Made* made, const Subject& subject, v1::Review review,
                  const std::string& reason = "") {
  Draft draft(moment, made);
  const bool ends = IsOpen(*subject.review) && !IsOpen(review);
  if (ends) EndReview(review, made, reason);
  draft.PutReview(review);
  if (ends) {
    const bool approved =
        review.state() == v1::REVIEW_STATE_APPROVED || review.state() == v1::REVIEW_STATE_APPROVED_WITH_COMMENTS;
    v1::Document document = *subject.document;
    draft.PutState(document, *subject.version, approved ? v1::VERSION_STATE_APPROVED : v1::VERSION_STATE_DRAFT,
                   "review " + IdOf(review.name()) + (reason.empty() ? "" : ": " + reason));
    draft.PutDocument(std::move(document));
  }
  Expected expected;
  draft.Finish(expected);
  expected.answer = std::make_shared<v1::Review>(draft.Reviews().front());
  return expected;
}

// What the server makes of the steps that were asked for.
void PrepareSteps(v1::Review& review, const v1::LifecycleRule& rule, const v1::Version& version, Refusals& refusals) {
  if (review.steps().empty()) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  for (int i = 0; i < review.steps_size(); ++i) {
    std::set<std::string> principals;
    for (v1::Reviewer& reviewer : *review.mutable_steps(i)->mutable_reviewers()) {
      const std::string principal = reviewer.principal();
      if (!principals.insert(principal).second) refusals.insert("INVALID_ARGUMENT REVIEWER_REPEATED");
      CheckIndependent(rule, version, principal, refusals);
      reviewer.Clear();
      reviewer.set_principal(principal);
    }
    CheckStep(review, i, refusals);
  }
}

Expected CreateReview(const Moment& moment, const v1::CreateReviewRequest& request, const std::string& caller,
                      const Made* made) {
  Refusals refusals;
  const std::string& asked = request.review().version();
  if (!asked.starts_with(request.parent() + "/")) return Expected::Refused({"INVALID_ARGUMENT PROJECT_MISMATCH"});
  Draft draft(moment, made);
  const v1::Document* document = Open(draft, moment, DocumentNameIn(asked), "", false, refusals);
  if (document == nullptr || !refusals.empty()) return Expected::Refused(std::move(refusals));
  const FoundVersion found = FindVersion(moment, *document, asked);
  if (found.version == nullptr) return Expected::Refused({found.refusal});
  v1::Version version = *found.version;
  if (version.number() != document->latest_version().number()) {
    refusals.insert("FAILED_PRECONDITION VERSION_NOT_LATEST");
  }
  if (version.state() == v1::VERSION_STATE_IN_REVIEW) {
    refusals.insert("FAILED_PRECONDITION REVIEW_OPEN");
  } else if (version.state() != v1::VERSION_STATE_DRAFT) {
    refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  }
  char number[16];
  std::snprintf(number, sizeof number, "RVW-%04zu", moment.All<v1::Review>().size() + 1);
  v1::Review review;
  review.set_name(request.parent() + "/reviews/" + number);
  review.set_title(request.review().title());
  if (review.title().empty()) review.set_title(NumberOf(*document) + " version " + std::to_string(version.number()));
  review.set_version(version.name());
  review.set_manifest_sha256(version.manifest_sha256());
  review.set_description(request.review().description());
  *review.mutable_steps() = request.review().steps();
  review.set_step_order(request.review().step_order());
  if (review.step_order() == v1::STEP_ORDER_UNSPECIFIED) review.set_step_order(v1::STEP_ORDER_IN_SEQUENCE);
  review.set_initiator(caller);
  PrepareSteps(review, LifecycleOf(moment, *document), version, refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Settle(review);
  draft.PutReview(review);
  version.set_review(review.name());
  v1::Document reviewed = *document;
  draft.PutState(reviewed, version, v1::VERSION_STATE_IN_REVIEW, std::string("review ") + number);
  draft.PutDocument(std::move(reviewed));
  Expected expected;
  draft.Finish(expected);
  expected.answer = std::make_shared<v1::Review>(draft.Reviews().front());
  return expected;
}

// A comment as the server keeps it.
void AddComment(v1::Review& review, const v1::Version& version, const v1::ReviewComment& given,
                const std::string& caller, const Made* made, Refusals& refusals) {
  if (given.text().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  if (given.reply_to() > review.comments_size()) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  v1::ReviewComment comment;
  comment.set_number(review.comments_size() + 1);
  comment.set_principal(caller);
  StampTime(made, *comment.mutable_time());
  comment.set_text(given.text());
  comment.set_reply_to(given.reply_to());
  if (given.has_anchor()) {
    v1::TextAnchor& anchor = *comment.mutable_anchor();
    anchor = given.anchor();
    if (anchor.file().empty()) anchor.set_file(version.main_file().file_name());
    std::set<std::string> files = {version.main_file().file_name()};
    for (const v1::File& file : version.companions()) files.insert(file.file_name());
    if (anchor.last_line() == 0) anchor.set_last_line(anchor.first_line());
    if (!files.contains(anchor.file()) || anchor.page() < 0 || anchor.last_line() < anchor.first_line()) {
      refusals.insert("INVALID_ARGUMENT ANCHOR_INVALID");
    }
  }
  *review.add_comments() = std::move(comment);
}

// Signs a decision of the caller as the request does.
void Sign(const Moment& moment, const v1::SubmitDecisionRequest& request, const v1::Review& review, int step,
          v1::ReviewDecision& decision, Refusals& refusals) {
  const std::string& caller = decision.principal();
  const std::string key = PublicKeyOf(caller);
  const auto& keys = ProjectOf(moment)->signing_keys();
  const bool known = std::any_of(keys.begin(), keys.end(), [&](const v1::SigningKey& one) {
    return one.principal() == caller && one.public_key() == key;
  });
  if (!known || !HasKeyOf(request.signature(), caller)) {
    refusals.insert("FAILED_PRECONDITION SIGNATURE_KEY_UNKNOWN");
  } else if (request.signature() != SignatureBy(caller, StatementOf(review, step, caller, decision.outcome()))) {
    refusals.insert("INVALID_ARGUMENT SIGNATURE_INVALID");
  }
  decision.set_signature(request.signature());
  decision.set_signing_key(key);
}

Expected SubmitDecision(const Moment& moment, const v1::SubmitDecisionRequest& request, const std::string& caller,
                        const Made* made) {
  Refusals refusals;
  const v1::ReviewOutcome outcome = request.outcome();
  if (outcome == v1::REVIEW_OUTCOME_UNSPECIFIED) {
    refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  } else if (outcome != v1::REVIEW_OUTCOME_APPROVED && request.comment().empty() && request.comments().empty()) {
    refusals.insert("INVALID_ARGUMENT COMMENT_REQUIRED");
  }
  const bool is_signed = !request.signature().empty();
  if (is_signed && !IsArmored(request.signature())) refusals.insert("INVALID_ARGUMENT SIGNATURE_INVALID");
  const Subject subject = FindOpen(moment, request.name(), refusals);
  if (subject.review == nullptr) return Expected::Refused(std::move(refusals));
  v1::Review review = *subject.review;
  const Seat seat = FindSeat(review, caller, request.step(), false, refusals);
  if (subject.rule.signature_required() && Approves(outcome) && !is_signed) {
    refusals.insert("FAILED_PRECONDITION SIGNATURE_REQUIRED");
  }
  for (const v1::ReviewComment& comment : request.comments()) {
    AddComment(review, *subject.version, comment, caller, made, refusals);
  }
  if (seat.reviewer == nullptr) return Expected::Refused(std::move(refusals));
  v1::ReviewDecision& decision = *seat.reviewer->mutable_decision();
  decision.set_outcome(outcome);
  decision.set_principal(caller);
  StampTime(made, *decision.mutable_time());
  decision.set_comment(request.comment());
  if (is_signed) Sign(moment, request, review, seat.number, decision, refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Settle(review);
  return Answered(moment, made, subject, std::move(review));
}

Expected AddReviewComment(const Moment& moment, const v1::AddReviewCommentRequest& request, const std::string& caller,
                          const Made* made) {
  Refusals refusals;
  const Subject subject = Find(moment, request.name(), refusals);
  if (subject.review == nullptr) return Expected::Refused(std::move(refusals));
  v1::Review review = *subject.review;
  AddComment(review, *subject.version, request.comment(), caller, made, refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  return Answered(moment, made, subject, std::move(review));
}

Expected DelegateReview(const Moment& moment, const v1::DelegateReviewRequest& request, const std::string& caller,
                        const Made* made) {
  constexpr int kMaxDelegations = 20;
  Refusals refusals;
  const Subject subject = FindOpen(moment, request.name(), refusals);
  if (subject.review == nullptr) return Expected::Refused(std::move(refusals));
  v1::Review review = *subject.review;
  const std::string& from = request.reviewer().empty() ? caller : request.reviewer();
  if (caller != from && caller != review.initiator()) refusals.insert("PERMISSION_DENIED NOT_A_REVIEWER");
  const Seat seat = FindSeat(review, from, request.step(), true, refusals);
  CheckIndependent(subject.rule, *subject.version, request.delegate(), refusals);
  if (seat.reviewer == nullptr) return Expected::Refused(std::move(refusals));
  for (const v1::Reviewer& reviewer : seat.step->reviewers()) {
    if (reviewer.principal() == request.delegate()) refusals.insert("INVALID_ARGUMENT REVIEWER_REPEATED");
  }
  if (seat.reviewer->delegations_size() == kMaxDelegations) refusals.insert("FAILED_PRECONDITION REVIEW_FULL");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  v1::Delegation& delegation = *seat.reviewer->add_delegations();
  delegation.set_delegator(from);
  delegation.set_principal(caller);
  StampTime(made, *delegation.mutable_time());
  delegation.set_comment(request.comment());
  seat.reviewer->set_principal(request.delegate());
  return Answered(moment, made, subject, std::move(review));
}

// Takes reviewers out of a step, and adds others.
void ChangeReviewers(const v1::ChangeReviewStepRequest& request, v1::ReviewStep& step, v1::ReviewStepChange& change,
                     Refusals& refusals) {
  auto& reviewers = *step.mutable_reviewers();
  const auto find = [&](const std::string& principal) {
    return std::find_if(reviewers.begin(), reviewers.end(),
                        [&](const v1::Reviewer& reviewer) { return reviewer.principal() == principal; });
  };
  for (const std::string& principal : request.remove_reviewers()) {
    const auto reviewer = find(principal);
    if (reviewer == reviewers.end()) {
      refusals.insert("INVALID_ARGUMENT REVIEWER_UNKNOWN");
    } else if (reviewer->has_decision()) {
      refusals.insert("FAILED_PRECONDITION DECIDED_ALREADY");
    } else {
      *change.add_removed_reviewers() = *reviewer;
      reviewers.erase(reviewer);
    }
  }
  const auto& removed = request.remove_reviewers();
  for (const std::string& principal : request.add_reviewers()) {
    if (find(principal) != reviewers.end() || std::find(removed.begin(), removed.end(), principal) != removed.end()) {
      refusals.insert("INVALID_ARGUMENT REVIEWER_REPEATED");
    }
    step.add_reviewers()->set_principal(principal);
    change.add_added_reviewers(principal);
  }
}

// From 0 on; -1, with `refusals`, for none.
int StepToChange(const v1::Review& review, int asked, Refusals& refusals) {
  const auto may = std::find_if(review.steps().begin(), review.steps().end(), MayChange);
  const int number = asked == 0 ? static_cast<int>(may - review.steps().begin()) + 1 : asked;
  if (number < 1 || number > review.steps_size()) {
    refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  } else if (!MayChange(review.steps(number - 1))) {
    refusals.insert("FAILED_PRECONDITION STEP_NOT_OPEN");
  } else {
    return number - 1;
  }
  return -1;
}

Expected ChangeReviewStep(const Moment& moment, const v1::ChangeReviewStepRequest& request, const std::string& caller,
                          const Made* made) {
  Refusals refusals;
  if (request.reason().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  const Subject subject = FindOpen(moment, request.name(), refusals);
  if (subject.review == nullptr) return Expected::Refused(std::move(refusals));
  v1::Review review = *subject.review;
  if (caller != review.initiator() && caller != ProjectOf(moment)->manager()) {
    refusals.insert("PERMISSION_DENIED NOT_REVIEW_INITIATOR");
  }
  const int index = StepToChange(review, request.step(), refusals);
  if (index < 0) return Expected::Refused(std::move(refusals));
  v1::ReviewStep& step = *review.mutable_steps(index);
  v1::ReviewStepChange& change = *review.add_changes();
  change.set_step(index + 1);
  change.set_principal(caller);
  StampTime(made, *change.mutable_time());
  change.set_reason(request.reason());
  change.set_previous_quorum(step.quorum());
  change.set_previous_due_date(step.due_date());
  ChangeReviewers(request, step, change, refusals);
  if (request.has_quorum()) step.set_quorum(request.quorum());
  if (request.has_due_date()) step.set_due_date(request.due_date());
  change.set_quorum(step.quorum());
  change.set_due_date(step.due_date());
  CheckStep(review, index, refusals);
  for (const std::string& reviewer : change.added_reviewers()) {
    CheckIndependent(subject.rule, *subject.version, reviewer, refusals);
  }
  if (request.add_reviewers().empty() && request.remove_reviewers().empty() &&
      change.quorum() == change.previous_quorum() && change.due_date() == change.previous_due_date()) {
    refusals.insert("INVALID_ARGUMENT NOTHING_TO_CHANGE");
  }
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Settle(review);
  return Answered(moment, made, subject, std::move(review));
}

Expected AbortReview(const Moment& moment, const v1::AbortReviewRequest& request, const Made* made) {
  Refusals refusals;
  if (request.reason().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  const Subject subject = FindOpen(moment, request.name(), refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  v1::Review review = *subject.review;
  review.set_state(v1::REVIEW_STATE_ABORTED);
  return Answered(moment, made, subject, std::move(review), request.reason());
}

}  // namespace

void AddReviewRules(Rules& rules) {
  rules.AddByCaller<v1::CreateReviewRequest>(CreateReview);
  rules.AddByCaller<v1::SubmitDecisionRequest>(SubmitDecision);
  rules.AddByCaller<v1::AddReviewCommentRequest>(AddReviewComment);
  rules.AddByCaller<v1::DelegateReviewRequest>(DelegateReview);
  rules.AddByCaller<v1::ChangeReviewStepRequest>(ChangeReviewStep);
  rules.Add<v1::AbortReviewRequest>(AbortReview);
}

}  // namespace greffe::model
