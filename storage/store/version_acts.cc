#include "storage/store/version_acts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/record_bytes.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

// What a transition needs to know.
struct Subject {
  v1::Document document;
  v1::Version version;
  v1::LifecycleRule rule;
};

absl::StatusOr<Subject> Open(Transaction& transaction, const VersionName& name) {
  Subject subject;
  GREFFE_ASSIGN_OR_RETURN(subject.document, transaction.GetDocument(name.number));
  GREFFE_RETURN_IF_ERROR(CheckActive(subject.document));
  GREFFE_ASSIGN_OR_RETURN(subject.version, FindVersion(transaction, name));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  GREFFE_RETURN_IF_ERROR(CheckTypeKnown(*project, subject.document));
  subject.rule = LifecycleRuleOf(*project, subject.document.type());
  return subject;
}

std::string Title(const Subject& subject) {
  return absl::StrCat(NumberOf(subject.document), " version ", subject.version.number());
}

// The state of a version that is a draft in all but its record: one from before states were kept.
void Normalize(v1::Version& version) {
  if (version.state() == v1::VERSION_STATE_UNSPECIFIED) version.set_state(v1::VERSION_STATE_DRAFT);
}

// The code after the document's last one, but for those that it had before its project tried another scheme.
absl::StatusOr<std::string> FreeRevision(const Transaction& transaction, const Subject& subject,
                                         v1::RevisionStep step) {
  const std::string number = NumberOf(subject.document);
  std::string revision = subject.document.revision();
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(revision, NextRevision(subject.rule.revision_scheme(), revision, step));
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::int64_t> taken, transaction.FindRevision(number, revision));
    if (!taken) return revision;
  }
}

}  // namespace

absl::StatusOr<v1::Version> FindVersion(Transaction& transaction, const VersionName& name) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(name.number));
  std::int64_t number = name.version;
  if (name.alias == VersionName::Alias::kRevision) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::int64_t> found,
                            transaction.FindRevision(name.number, name.revision));
    if (!found) {
      return Error(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND",
                   "document '" + name.number + "' has no revision '" + name.revision + "'",
                   {{"document", document.name()}, {"revision", name.revision}});
    }
    number = *found;
  }
  if (name.alias == VersionName::Alias::kReleased) {
    number = document.released_version();
    if (number == 0) {
      return Error(absl::StatusCode::kFailedPrecondition, "NOTHING_RELEASED",
                   "no version of document '" + name.number + "' is released", {{"document", document.name()}});
    }
  }
  if (number == 0) number = document.latest_version().number();
  if (number == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_CONTENT",
                 "document '" + name.number + "' has no version yet", {{"document", document.name()}});
  }
  GREFFE_ASSIGN_OR_RETURN(v1::Version version, transaction.GetVersion(name.number, number));
  version.set_name(FormatVersionName(transaction.project_id(), name.number, number));
  Normalize(version);
  return version;
}

void PutVersionState(Transaction& transaction, v1::Version& version, v1::VersionState state,
                     const std::string& comment) {
  version.set_state(state);
  v1::VersionTransition& transition = *version.add_transitions();
  transition.set_state(state);
  transition.set_principal(transaction.caller().id());
  *transition.mutable_time() = ToTimestamp(transaction.record_time());
  transition.set_comment(comment);
  transaction.PutRecord(version);
}

absl::Status SetVersionState(Transaction& transaction, v1::Version version, v1::VersionState state,
                             const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(version.name()));
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, transaction.GetDocument(name.number));
  // A draft may come back from these, again and again; everything else goes its way to the end.
  const bool round = state == v1::VERSION_STATE_IN_REVIEW || state == v1::VERSION_STATE_APPROVED;
  if (round && version.state() == v1::VERSION_STATE_DRAFT) {
    GREFFE_RETURN_IF_ERROR(CheckRoomToRepeat(version));
    GREFFE_RETURN_IF_ERROR(CheckRoomToRepeat(document));
  }
  PutVersionState(transaction, version, state, comment);
  if (state == v1::VERSION_STATE_RELEASED) {
    document.set_released_version(version.number());
    document.set_revision(version.revision());
  } else if (document.released_version() == version.number()) {
    document.clear_released_version();
  }
  if (document.latest_version().number() == version.number()) *document.mutable_latest_version() = version;
  return PutDocumentRecord(transaction, std::move(document), "document");
}

absl::Status CheckLatest(const v1::Document& document, const v1::Version& version) {
  if (document.latest_version().number() == version.number()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "VERSION_NOT_LATEST",
               absl::StrCat("'", version.name(), "' is not the latest version any more: that is ",
                            document.latest_version().number()),
               {{"version", version.name()}, {"latest_version", std::to_string(document.latest_version().number())}});
}

absl::Status ApproveVersion(Transaction& transaction, const VersionName& name, const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, Open(transaction, name));
  GREFFE_RETURN_IF_ERROR(CheckLatest(subject.document, subject.version));
  if (subject.version.state() == v1::VERSION_STATE_IN_REVIEW) {
    return ReviewOpen(subject.rule, subject.version);
  }
  if (subject.rule.review_required() && subject.version.state() == v1::VERSION_STATE_DRAFT) {
    return Error(
        absl::StatusCode::kFailedPrecondition, "REVIEW_REQUIRED",
        "'" + subject.version.name() + "': versions of type '" + subject.document.type() + "' are approved by a review",
        {{"version", subject.version.name()}});
  }
  GREFFE_RETURN_IF_ERROR(CheckTransition(subject.rule, subject.version, v1::VERSION_STATE_APPROVED));
  GREFFE_RETURN_IF_ERROR(CheckApprover(subject.rule, transaction.caller().id()));
  transaction.SetSubject("Approve " + Title(subject));
  transaction.SetBody(comment);
  return SetVersionState(transaction, std::move(subject.version), v1::VERSION_STATE_APPROVED, comment);
}

absl::Status RevokeApproval(Transaction& transaction, const VersionName& name, const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, Open(transaction, name));
  GREFFE_RETURN_IF_ERROR(CheckLatest(subject.document, subject.version));
  if (subject.version.state() == v1::VERSION_STATE_IN_REVIEW) return ReviewOpen(subject.rule, subject.version);
  GREFFE_RETURN_IF_ERROR(CheckTransition(subject.rule, subject.version, v1::VERSION_STATE_DRAFT));
  GREFFE_RETURN_IF_ERROR(CheckApprover(subject.rule, transaction.caller().id()));
  transaction.SetSubject("Revoke the approval of " + Title(subject));
  transaction.SetBody(comment);
  return SetVersionState(transaction, std::move(subject.version), v1::VERSION_STATE_DRAFT, comment);
}

absl::Status ReleaseVersion(Transaction& transaction, const VersionName& name, v1::RevisionStep step,
                            const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, Open(transaction, name));
  const std::int64_t released = subject.document.released_version();
  GREFFE_RETURN_IF_ERROR(CheckTransition(subject.rule, subject.version, v1::VERSION_STATE_RELEASED));
  GREFFE_RETURN_IF_ERROR(CheckReleaser(subject.rule, transaction.caller().id()));
  if (released > subject.version.number()) {
    return Error(absl::StatusCode::kFailedPrecondition, "VERSION_OLDER_THAN_RELEASED",
                 absl::StrCat("'", subject.version.name(), "' is older than version ", released,
                              ", which is released; restore it to make it a new version"),
                 {{"version", subject.version.name()}, {"released_version", std::to_string(released)}});
  }
  GREFFE_ASSIGN_OR_RETURN(std::string revision, FreeRevision(transaction, subject, step));
  transaction.SetSubject("Release " + Title(subject) + " as revision " + revision);
  transaction.SetBody(comment);
  if (released > 0) {
    GREFFE_ASSIGN_OR_RETURN(v1::Version former, transaction.GetVersion(name.number, released));
    former.set_name(FormatVersionName(transaction.project_id(), name.number, released));
    GREFFE_RETURN_IF_ERROR(SetVersionState(transaction, std::move(former), v1::VERSION_STATE_SUPERSEDED,
                                           absl::StrCat("by version ", subject.version.number())));
  }
  subject.version.set_revision(std::move(revision));
  return SetVersionState(transaction, std::move(subject.version), v1::VERSION_STATE_RELEASED, comment);
}

absl::Status ObsoleteVersion(Transaction& transaction, const VersionName& name, const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(Subject subject, Open(transaction, name));
  GREFFE_RETURN_IF_ERROR(CheckTransition(subject.rule, subject.version, v1::VERSION_STATE_OBSOLETE));
  GREFFE_RETURN_IF_ERROR(CheckReleaser(subject.rule, transaction.caller().id()));
  transaction.SetSubject("Declare " + Title(subject) + " obsolete");
  transaction.SetBody(comment);
  return SetVersionState(transaction, std::move(subject.version), v1::VERSION_STATE_OBSOLETE, comment);
}

absl::Status RestoreVersion(Transaction& transaction, const VersionName& name, const std::string& etag,
                            const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(name.number));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, name));
  if (version.number() == document.latest_version().number()) {
    return InvalidField("name", "VERSION_IS_LATEST", "'" + version.name() + "': is the latest version already");
  }
  CheckInAct act;
  act.number = name.number;
  act.main_file.file = version.main_file();
  for (const v1::File& file : version.companions()) act.companions.emplace_back().file = file;
  act.comment = comment.empty() ? absl::StrCat("Restore version ", version.number()) : comment;
  act.etag = etag;
  act.allow_identical = true;
  act.contents_kept = true;
  return CheckIn(transaction, std::move(act), "version").status();
}

}  // namespace greffe
