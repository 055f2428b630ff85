// Rules of what takes versions from state to state.
#include <optional>

#include "tests/model/draft.h"

namespace greffe::model {
namespace {

// The version that a request is about, and its document; or why not.
struct Subject {
  std::string refusal;
  const v1::Document* document = nullptr;
  const v1::Version* version = nullptr;
};

Subject Find(const Draft& draft, const Moment& moment, const std::string& name) {
  Subject subject;
  std::set<std::string> refusals;
  subject.document = Open(draft, moment, name.substr(0, name.find("/versions/")), "", false, refusals);
  if (!refusals.empty()) return {*refusals.begin(), nullptr, nullptr};
  const auto version = FindVersion(moment, *subject.document, name);
  subject.refusal = version.refusal;
  subject.version = version.version;
  return subject;
}

// The commit that takes the version to `state`, and its answer.
Expected Changed(const Moment& moment, const Made* made, const Subject& subject, v1::VersionState state,
                 const std::string& comment) {
  Draft draft(moment, made);
  v1::Document document = *subject.document;
  v1::Version version = *subject.version;
  if (state == v1::VERSION_STATE_RELEASED) {
    version.set_revision(document.revision().empty() ? "A" : NextLetters(document.revision()));
    if (document.released_version() > 0) {
      v1::Version former = *moment.Find<v1::Version>(VersionName(document, document.released_version()));
      draft.PutState(document, std::move(former), v1::VERSION_STATE_SUPERSEDED,
                     "by version " + std::to_string(version.number()));
    }
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

Expected Refused(const std::string& reason) { return Expected::Refused({"FAILED_PRECONDITION " + reason}); }

Expected Approve(const Moment& moment, const v1::ApproveVersionRequest& request, const Made* made) {
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  if (subject.version->number() != subject.document->latest_version().number()) return Refused("VERSION_NOT_LATEST");
  if (subject.version->state() != v1::VERSION_STATE_DRAFT) return Refused("TRANSITION_NOT_ALLOWED");
  return Changed(moment, made, subject, v1::VERSION_STATE_APPROVED, request.comment());
}

Expected Revoke(const Moment& moment, const v1::RevokeApprovalRequest& request, const Made* made) {
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  if (subject.version->number() != subject.document->latest_version().number()) return Refused("VERSION_NOT_LATEST");
  if (subject.version->state() != v1::VERSION_STATE_APPROVED) return Refused("TRANSITION_NOT_ALLOWED");
  return Changed(moment, made, subject, v1::VERSION_STATE_DRAFT, request.comment());
}

Expected Release(const Moment& moment, const v1::ReleaseVersionRequest& request, const Made* made) {
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  const auto state = subject.version->state();
  if (state != v1::VERSION_STATE_DRAFT && state != v1::VERSION_STATE_APPROVED) return Refused("TRANSITION_NOT_ALLOWED");
  if (subject.document->released_version() > subject.version->number()) return Refused("VERSION_OLDER_THAN_RELEASED");
  return Changed(moment, made, subject, v1::VERSION_STATE_RELEASED, request.comment());
}

Expected Obsolete(const Moment& moment, const v1::ObsoleteVersionRequest& request, const Made* made) {
  const Draft draft(moment, nullptr);
  const Subject subject = Find(draft, moment, request.name());
  if (!subject.refusal.empty()) return Expected::Refused({subject.refusal});
  if (subject.version->state() == v1::VERSION_STATE_OBSOLETE) return Refused("TRANSITION_NOT_ALLOWED");
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
  rules.Add<v1::ApproveVersionRequest>(Approve);
  rules.Add<v1::RevokeApprovalRequest>(Revoke);
  rules.Add<v1::ReleaseVersionRequest>(Release);
  rules.Add<v1::ObsoleteVersionRequest>(Obsolete);
  rules.Add<v1::RestoreVersionRequest>(Restore);
}

}  // namespace greffe::model
