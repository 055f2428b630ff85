#include "storage/store/review_acts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/names.h"
#include "storage/base/review_changes.h"
#include "storage/base/review_rules.h"
#include "storage/base/signing_keys.h"
#include "storage/store/document_acts.h"
#include "storage/store/version_acts.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxReviewBytes = 1 << 20;
// Whoever talks leaves room for those who decide.
constexpr std::size_t kMaxDiscussedBytes = kMaxReviewBytes / 4 * 3;
constexpr int kMaxDelegations = 20;
constexpr int kMaxChanges = 200;

std::string IdOf(const v1::Review& review) { return LastSegment(review.name()); }

// "SPC-0001 version 2".
std::string TitleOf(const VersionName& version) { return absl::StrCat(version.number, " version ", version.version); }

// A review with what it is about.
struct Subject {
  v1::Review review;
  VersionName version;
  v1::Document document;
  v1::LifecycleRule rule;

  std::string Title() const { return TitleOf(version); }
};

absl::Status ReadDocument(Transaction& transaction, Subject& subject) {
  GREFFE_ASSIGN_OR_RETURN(subject.document, transaction.GetDocument(subject.version.number));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  subject.rule = LifecycleRuleOf(*project, subject.document.type());
  return absl::OkStatus();
}

absl::StatusOr<Subject> Find(Transaction& transaction, const std::string& id) {
  Subject subject;
  GREFFE_ASSIGN_OR_RETURN(subject.review, transaction.GetRecord<v1::Review>(id));
  GREFFE_ASSIGN_OR_RETURN(subject.version, ParseVersionName(subject.review.version(), "version"));
  GREFFE_RETURN_IF_ERROR(ReadDocument(transaction, subject));
  return subject;
}

absl::StatusOr<Subject> FindOpen(Transaction& transaction, const std::string& id) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, Find(transaction, id));
  if (subject.review.state() == v1::REVIEW_STATE_VOIDED) {
    // That the document went on says more than that the review is void.
    GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, subject.version));
    GREFFE_RETURN_IF_ERROR(CheckLatest(subject.document, version));
  }
  GREFFE_RETURN_IF_ERROR(CheckReviewOpen(subject.review));
  return subject;
}

absl::Status CheckIndependent(const v1::LifecycleRule& rule, const v1::Version& version, const std::string& reviewer) {
  if (!rule.independent_review() || reviewer != version.author().id()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "AUTHOR_IS_REVIEWER",
               "'" + reviewer + "' is the author of '" + version.name() + "' and may not review it",
               {{"version", version.name()}, {"reviewer", reviewer}});
}

absl::Status PutReview(Transaction& transaction, const v1::Review& review, std::size_t most = kMaxReviewBytes) {
  if (review.ByteSizeLong() > most) {
    return Error(absl::StatusCode::kFailedPrecondition, "REVIEW_FULL",
                 absl::StrCat("'", review.name(), "' would be larger than ", most >> 10, " KiB"),
                 {{"review", review.name()}});
  }
  transaction.PutRecord(review);
  return absl::OkStatus();
}

// Ends the review, and takes its version to where that leaves it.
absl::Status End(Transaction& transaction, Subject& subject, v1::ReviewState state, const std::string& reason) {
  EndReview(subject.review, state, transaction.caller().id(), ToTimestamp(transaction.record_time()), reason);
  transaction.PutRecord(subject.review);  // no matter how full it is, it can be ended
  const bool approved = state == v1::REVIEW_STATE_APPROVED || state == v1::REVIEW_STATE_APPROVED_WITH_COMMENTS;
  const v1::VersionState to = approved ? v1::VERSION_STATE_APPROVED : v1::VERSION_STATE_DRAFT;
  GREFFE_ASSIGN_OR_RETURN(v1::Version version, FindVersion(transaction, subject.version));
  GREFFE_RETURN_IF_ERROR(CheckTransition(subject.rule, version, to));
  const std::string review = "review " + IdOf(subject.review);
  return SetVersionState(transaction, std::move(version), to, reason.empty() ? review : review + ": " + reason);
}

absl::Status AddComment(Transaction& transaction, v1::Review& review, const v1::Version& version,
                        v1::ReviewComment comment, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(PrepareComment(comment, version, review.comments_size(), field));
  comment.set_principal(transaction.caller().id());
  *comment.mutable_time() = ToTimestamp(transaction.record_time());
  *review.add_comments() = std::move(comment);
  return absl::OkStatus();
}

absl::Status Sign(Transaction& transaction, const Subject& subject, int step, const SshSignature& signature,
                  v1::ReviewDecision& decision) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  const std::string& reviewer = transaction.caller().id();
  const std::string key = FormatSshPublicKey(signature.public_key);
  if (!HasSigningKey(*project, reviewer, signature.public_key)) {
    return Error(absl::StatusCode::kFailedPrecondition, "SIGNATURE_KEY_UNKNOWN",
                 "'" + key + "' is none of the keys that the project has for '" + reviewer + "'",
                 {{"principal", reviewer}, {"public_key", key}});
  }
  const std::string statement = ReviewStatementText(subject.review, step, reviewer, decision.outcome());
  GREFFE_RETURN_IF_ERROR(VerifySshSignature(signature, kReviewNamespace, statement, "signature"));
  decision.set_signature(ArmorSshSignature(signature));
  decision.set_signing_key(key);
  return absl::OkStatus();
}

std::string SubjectOf(v1::ReviewOutcome outcome, const Subject& subject) {
  const std::string review = " in review " + IdOf(subject.review);
  switch (outcome) {
    case v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS:
      return "Approve " + subject.Title() + " with comments" + review;
    case v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT:
      return "Ask for a revision of " + subject.Title() + review;
    case v1::REVIEW_OUTCOME_REJECTED:
      return "Reject " + subject.Title() + review;
    default:
      return "Approve " + subject.Title() + review;
  }
}

}  // namespace

absl::Status OpenReview(Transaction& transaction, v1::Review review) {
  Subject subject;
  GREFFE_ASSIGN_OR_RETURN(subject.version, ParseVersionName(review.version(), "review.version"));
  if (subject.version.project != transaction.project_id()) {
    return InvalidField("review.version", "PROJECT_MISMATCH",
                        "'" + review.version() + "': is not in project '" + transaction.project_id() + "'");
  }
  GREFFE_RETURN_IF_ERROR(ReadDocument(transaction, subject));
  GREFFE_RETURN_IF_ERROR(CheckActive(subject.document));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  GREFFE_RETURN_IF_ERROR(CheckTypeKnown(*project, subject.document));
  GREFFE_ASSIGN_OR_RETURN(v1::Version version, FindVersion(transaction, subject.version));
  subject.version.version = version.number();
  GREFFE_RETURN_IF_ERROR(CheckLatest(subject.document, version));
  GREFFE_RETURN_IF_ERROR(CheckTransition(subject.rule, version, v1::VERSION_STATE_IN_REVIEW));
  const std::string today = DateAt(transaction.record_time(), project->time_zone());
  GREFFE_RETURN_IF_ERROR(PrepareReview(review, today, "review"));
  for (const v1::ReviewStep& step : review.steps()) {
    for (const v1::Reviewer& reviewer : step.reviewers()) {
      GREFFE_RETURN_IF_ERROR(CheckIndependent(subject.rule, version, reviewer.principal()));
    }
  }
  const RecordKind& kind = KindOf<v1::Review>();
  GREFFE_ASSIGN_OR_RETURN(const std::string id, transaction.NextRecordId(kind, kReviewPrefix));
  review.set_name(FormatRecordName(transaction.project_id(), kind.collection, id));
  review.set_version(version.name());
  review.set_manifest_sha256(version.manifest_sha256());
  review.set_initiator(transaction.caller().id());
  if (review.title().empty()) review.set_title(subject.Title());
  transaction.SetSubject("Open review " + id + " of " + subject.Title());
  transaction.SetBody(review.description());
  version.set_review(review.name());
  GREFFE_RETURN_IF_ERROR(PutReview(transaction, review));
  return SetVersionState(transaction, std::move(version), v1::VERSION_STATE_IN_REVIEW, "review " + id);
}

absl::Status SubmitDecision(Transaction& transaction, const std::string& id, DecisionAct act) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, FindOpen(transaction, id));
  v1::Review& review = subject.review;
  GREFFE_ASSIGN_OR_RETURN(const Seat seat, FindSeat(review, transaction.caller().id(), act.step));
  GREFFE_RETURN_IF_ERROR(ValidateDecision(act.outcome, act.comment, static_cast<int>(act.comments.size())));
  GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, subject.version));
  GREFFE_RETURN_IF_ERROR(CheckLatest(subject.document, version));
  v1::ReviewDecision decision;
  decision.set_outcome(act.outcome);
  decision.set_principal(transaction.caller().id());
  *decision.mutable_time() = ToTimestamp(transaction.record_time());
  decision.set_comment(act.comment);
  if (act.signature) {
    GREFFE_RETURN_IF_ERROR(Sign(transaction, subject, seat.step + 1, *act.signature, decision));
  } else if (subject.rule.signature_required() && Approves(act.outcome)) {
    return Error(absl::StatusCode::kFailedPrecondition, "SIGNATURE_REQUIRED",
                 "approvals of type '" + subject.document.type() + "' must be signed", {{"review", review.name()}});
  }
  for (std::size_t i = 0; i < act.comments.size(); ++i) {
    GREFFE_RETURN_IF_ERROR(
        AddComment(transaction, review, version, std::move(act.comments[i]), absl::StrCat("comments[", i, "]")));
  }
  *review.mutable_steps(seat.step)->mutable_reviewers(seat.reviewer)->mutable_decision() = std::move(decision);
  transaction.SetSubject(SubjectOf(act.outcome, subject));
  transaction.SetBody(act.comment);
  const v1::ReviewState state = Advance(review);
  if (state == v1::REVIEW_STATE_OPEN) {
    return PutReview(transaction, review, act.comments.empty() ? kMaxReviewBytes : kMaxDiscussedBytes);
  }
  return End(transaction, subject, state, "");
}

absl::Status AddReviewComment(Transaction& transaction, const std::string& id, v1::ReviewComment comment) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, Find(transaction, id));
  GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, subject.version));
  transaction.SetSubject("Comment on " + subject.Title() + " in review " + id);
  transaction.SetBody(comment.text());
  GREFFE_RETURN_IF_ERROR(AddComment(transaction, subject.review, version, std::move(comment), "comment"));
  return PutReview(transaction, subject.review, kMaxDiscussedBytes);
}

absl::Status DelegateReview(Transaction& transaction, const std::string& id, const DelegationAct& act) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, FindOpen(transaction, id));
  v1::Review& review = subject.review;
  const std::string& caller = transaction.caller().id();
  const std::string& from = act.reviewer.empty() ? caller : act.reviewer;
  GREFFE_ASSIGN_OR_RETURN(const Seat seat, FindSeat(review, from, act.step, true));
  if (from != caller && review.initiator() != caller) {
    return Error(absl::StatusCode::kPermissionDenied, "NOT_A_REVIEWER",
                 "'" + caller + "' neither has this decision nor opened '" + review.name() + "'",
                 {{"review", review.name()}, {"principal", caller}});
  }
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(act.delegate, "delegate"));
  v1::ReviewStep& step = *review.mutable_steps(seat.step);
  const auto is_delegate = [&](const v1::Reviewer& reviewer) { return reviewer.principal() == act.delegate; };
  if (std::any_of(step.reviewers().begin(), step.reviewers().end(), is_delegate)) {
    return InvalidField("delegate", "REVIEWER_REPEATED", "'" + act.delegate + "': is a reviewer of the step already");
  }
  GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, subject.version));
  GREFFE_RETURN_IF_ERROR(CheckIndependent(subject.rule, version, act.delegate));
  v1::Reviewer& reviewer = *step.mutable_reviewers(seat.reviewer);
  if (reviewer.delegations_size() == kMaxDelegations) {
    return Error(absl::StatusCode::kFailedPrecondition, "REVIEW_FULL", "a decision is handed over at most 20 times",
                 {{"review", review.name()}});
  }
  v1::Delegation& delegation = *reviewer.add_delegations();
  delegation.set_delegator(from);
  delegation.set_principal(caller);
  *delegation.mutable_time() = ToTimestamp(transaction.record_time());
  delegation.set_comment(act.comment);
  transaction.SetSubject("Hand review " + id + " of " + subject.Title() + " over from " + from + " to " + act.delegate);
  transaction.SetBody(act.comment);
  reviewer.set_principal(act.delegate);
  return PutReview(transaction, review);
}

absl::Status ChangeReviewStep(Transaction& transaction, const std::string& id,
                              const v1::ChangeReviewStepRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, FindOpen(transaction, id));
  v1::Review& review = subject.review;
  const std::string& caller = transaction.caller().id();
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  if (caller != review.initiator() && caller != project->manager()) {
    return Error(absl::StatusCode::kPermissionDenied, "NOT_REVIEW_INITIATOR",
                 "'" + caller + "' neither opened '" + review.name() + "' nor manages the project",
                 {{"review", review.name()}, {"principal", caller}, {"initiator", review.initiator()}});
  }
  const std::string today = DateAt(transaction.record_time(), project->time_zone());
  GREFFE_ASSIGN_OR_RETURN(v1::ReviewStepChange change, ChangeStep(review, request, today));
  GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, subject.version));
  for (const std::string& reviewer : change.added_reviewers()) {
    GREFFE_RETURN_IF_ERROR(CheckIndependent(subject.rule, version, reviewer));
  }
  if (review.changes_size() == kMaxChanges) {
    return Error(absl::StatusCode::kFailedPrecondition, "REVIEW_FULL", "steps are changed at most 200 times",
                 {{"review", review.name()}});
  }
  transaction.SetSubject(absl::StrCat("Change step ", change.step(), " of review ", id, " of ", subject.Title()));
  transaction.SetBody(request.reason());
  change.set_principal(caller);
  *change.mutable_time() = ToTimestamp(transaction.record_time());
  change.set_reason(request.reason());
  *review.add_changes() = std::move(change);
  // Those who are left may have approved already.
  const v1::ReviewState state = Advance(review);
  if (state == v1::REVIEW_STATE_OPEN) return PutReview(transaction, review);
  return End(transaction, subject, state, "");
}

absl::Status AbortReview(Transaction& transaction, const std::string& id, const std::string& reason) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, FindOpen(transaction, id));
  transaction.SetSubject("Abort review " + id + " of " + subject.Title());
  transaction.SetBody(reason);
  return End(transaction, subject, v1::REVIEW_STATE_ABORTED, reason);
}

absl::Status VoidOpenReview(Transaction& transaction, v1::Document& document, const std::string& reason) {
  if (document.latest_version().state() != v1::VERSION_STATE_IN_REVIEW) return absl::OkStatus();
  v1::Version& version = *document.mutable_latest_version();
  GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(KindOf<v1::Review>(), version.review(), "review"));
  GREFFE_ASSIGN_OR_RETURN(v1::Review review, transaction.GetRecord<v1::Review>(name.id));
  EndReview(review, v1::REVIEW_STATE_VOIDED, transaction.caller().id(), ToTimestamp(transaction.record_time()), reason);
  transaction.PutRecord(review);
  version.set_name(FormatVersionName(transaction.project_id(), NumberOf(document), version.number()));
  PutVersionState(transaction, version, v1::VERSION_STATE_DRAFT, "review " + name.id + " voided: " + reason);
  return absl::OkStatus();
}

}  // namespace greffe
