// Rules of what takes versions from state to state.
#include "tests/model/draft.h"
#include "tests/model/lifecycle.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

// The version that a request is about, and its document; or why not.
struct Subject {
  std::string refusal;
  const v1::Document* document = nullptr;
  const v1::Version* version = nullptr;
};

Subject Find(const Draft& draft, const Moment& moment, const std::string& name) {
  Subject subject;
  std::set<std::string> refusals;
  subject.document = Open(draft, moment, DocumentNameIn(name), "", false, refusals);
  if (!refusals.empty()) return {*refusals.begin(), nullptr, nullptr};
  const auto version = FindVersion(moment, *subject.document, name);
  subject.refusal = version.refusal;
  subject.version = version.version;
  return subject;
}

// The commit that takes the version to `state`, and its answer.
Expected Changed(const Moment& moment, const Made* made, const Subject& subject, v1::VersionState state,
                 const std::string& comment, const std::string& revision = "") {
  Draft draft(moment, made);
  v1::Document document = *subject.document;
  v1::Version version = *subject.version;
  if (!revision.empty()) version.set_revision(revision);
  if (state == v1::VERSION_STATE_RELEASED && document.released_version() > 0) {
    v1::Version former = *moment.Find<v1::Version>(VersionName(document, document.released_version()));
    draft.PutState(document, std::move(former), v1::VERSION_STATE_SUPERSEDED,
                   "by version " + std::to_string(version.number()));
  }
  draft.PutState(document, version, state, comment);
  draft.PutDocument(document);
  Expected expected;
  draft.Finish(expected);
  for (const Put& put : expected.puts) {
    if (put.name == version.name())
      expected.answer = std::make_shared<v1::Version>(dynamic_cast<const v1::Version&>(*put.resource));
  }
  return expected;
}

// Why an approval cannot be given or taken back, but for the version's state.
Refusals ApprovalRefused(const Subject& subject, const v1::LifecycleRule& rule, const std::string& caller) {
  Refusals refusals;
  if (subject.version->number() != subject.document->latest_version().number()) {
    refusals.insert("FAILED_PRECONDITION VERSION_NOT_LATEST");
  }
  if (!MayApprove(rule, caller)) refusals.insert("PERMISSION_DENIED NOT_AN_APPROVER");
  if (subject.version->state() == v1::VERSION_STATE_IN_REVIEW) refusals.insert("FAILED_PRECONDITION REVIEW_OPEN");
  return refusals;
}

Expected Approve(const Moment& moment, const v1::ApproveVersionRequest& request, const std::string& caller,
                 const Made* made) {
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  const v1::LifecycleRule rule = LifecycleOf(moment, *subject.document);
  Refusals refusals = ApprovalRefused(subject, rule, caller);
  if (subject.version->state() == v1::VERSION_STATE_DRAFT) {
    if (rule.review_required()) refusals.insert("FAILED_PRECONDITION REVIEW_REQUIRED");
  } else if (subject.version->state() != v1::VERSION_STATE_IN_REVIEW) {
    refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  }
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  return Changed(moment, made, subject, v1::VERSION_STATE_APPROVED, request.comment());
}

Expected Revoke(const Moment& moment, const v1::RevokeApprovalRequest& request, const std::string& caller,
                const Made* made) {
  if (request.comment().empty()) return Expected::Refused({"INVALID_ARGUMENT TEXT_INVALID"});
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  Refusals refusals = ApprovalRefused(subject, LifecycleOf(moment, *subject.document), caller);
  const auto state = subject.version->state();
  if (state != v1::VERSION_STATE_APPROVED && state != v1::VERSION_STATE_IN_REVIEW) {
    refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  }
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  return Changed(moment, made, subject, v1::VERSION_STATE_DRAFT, request.comment());
}

Expected Release(const Moment& moment, const v1::ReleaseVersionRequest& request, const std::string& caller,
                 const Made* made) {
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  const v1::LifecycleRule rule = LifecycleOf(moment, *subject.document);
  Refusals refusals;
  const auto state = subject.version->state();
  if (state == v1::VERSION_STATE_IN_REVIEW) {
    refusals.insert("FAILED_PRECONDITION REVIEW_OPEN");
  } else if (state != v1::VERSION_STATE_APPROVED && (state != v1::VERSION_STATE_DRAFT || rule.review_required())) {
    refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  }
  if (!MayRelease(rule, caller)) refusals.insert("PERMISSION_DENIED NOT_A_RELEASER");
  if (subject.document->released_version() > subject.version->number()) {
    refusals.insert("FAILED_PRECONDITION VERSION_OLDER_THAN_RELEASED");
  }
  const std::string revision = NextRevision(moment, *subject.document, request.step());
  if (revision.empty()) refusals.insert("INVALID_ARGUMENT STEP_INVALID");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  return Changed(moment, made, subject, v1::VERSION_STATE_RELEASED, request.comment(), revision);
}

Expected Obsolete(const Moment& moment, const v1::ObsoleteVersionRequest& request, const std::string& caller,
                  const Made* made) {
  if (request.comment().empty()) return Expected::Refused({"INVALID_ARGUMENT TEXT_INVALID"});
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  Refusals refusals;
  const auto state = subject.version->state();
  if (state == v1::VERSION_STATE_IN_REVIEW) refusals.insert("FAILED_PRECONDITION REVIEW_OPEN");
  if (state == v1::VERSION_STATE_OBSOLETE) refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  if (!MayRelease(LifecycleOf(moment, *subject.document), caller)) {
    refusals.insert("PERMISSION_DENIED NOT_A_RELEASER");
  }
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  return Changed(moment, made, subject, v1::VERSION_STATE_OBSOLETE, request.comment());
}

Expected Restore(const Moment& moment, const v1::RestoreVersionRequest& request, const Made* made) {
  Draft draft(moment, made);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  if (subject.version->number() == subject.document->latest_version().number()) {
    return Expected::Refused({"INVALID_ARGUMENT VERSION_IS_LATEST"});
  }
  v1::Version files;
  *files.mutable_main_file() = subject.version->main_file();
  *files.mutable_companions() = subject.version->companions();
  const std::string number = std::to_string(subject.version->number());
  files.set_comment(request.comment().empty() ? "Restore version " + number : request.comment());
  std::set<std::string> refusals;
  if (!request.etag().empty() && request.etag() != subject.document->etag()) refusals.insert("ABORTED ETAG_MISMATCH");
  draft.PutVersion(*subject.document, std::move(files), true, refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Expected expected;
  draft.Finish(expected);
  expected.answer = std::make_shared<v1::Version>(draft.Documents().front().latest_version());
  return expected;
}

}  // namespace

void AddStateRules(Rules& rules) {
  rules.AddByCaller<v1::ApproveVersionRequest>(Approve);
  rules.AddByCaller<v1::RevokeApprovalRequest>(Revoke);
  rules.AddByCaller<v1::ReleaseVersionRequest>(Release);
  rules.AddByCaller<v1::ObsoleteVersionRequest>(Obsolete);
  rules.Add<v1::RestoreVersionRequest>(Restore);
}

}  // namespace greffe::model
