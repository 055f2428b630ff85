#include "storage/store/acceptance_acts.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/acceptance_record.h"
#include "storage/base/deliverable_rules.h"
#include "storage/base/due_dates.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/project_rules.h"
#include "storage/base/record_bytes.h"
#include "storage/store/document_acts.h"
#include "storage/store/record_edits.h"
#include "storage/store/register_acts.h"
#include "storage/store/version_acts.h"

namespace greffe {
namespace {

constexpr int kMaxPathAttempts = 50;

// The version that a name of a submission means now.
absl::StatusOr<v1::SubmittedVersion> Take(Transaction& transaction, const std::string& name, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(const VersionName parsed, ParseVersionName(name, field));
  if (parsed.project != transaction.project_id()) {
    return InvalidField(field, "NAME_INVALID", "'" + name + "': is of another project");
  }
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(parsed.number));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, parsed));
  // Another one would be outdated at once.
  GREFFE_RETURN_IF_ERROR(CheckLatest(document, version));
  if (version.state() == v1::VERSION_STATE_OBSOLETE) {  // it would never be accepted
    return Error(absl::StatusCode::kFailedPrecondition, "VERSION_OBSOLETE", "'" + version.name() + "' is obsolete",
                 {{"version", version.name()}});
  }
  v1::SubmittedVersion submitted;
  submitted.set_version(version.name());
  submitted.set_manifest_sha256(version.manifest_sha256());
  submitted.set_title(document.title());
  submitted.set_revision(version.revision());
  return submitted;
}

absl::Status TakeAll(Transaction& transaction, const v1::SubmitDeliverableRequest& request,
                     v1::Submission& submission) {
  if (request.versions().empty() || request.versions_size() > kMaxDeliverableDocuments) {
    return InvalidField(
        "versions", "FIELD_INVALID",
        absl::StrCat(request.versions_size(), " of them; 1 to ", kMaxDeliverableDocuments, " are allowed"));
  }
  std::set<std::string> documents;
  for (int i = 0; i < request.versions_size(); ++i) {
    const std::string field = absl::StrCat("versions[", i, "]");
    GREFFE_ASSIGN_OR_RETURN(v1::SubmittedVersion version, Take(transaction, request.versions(i), field));
    if (!documents.insert(version.version().substr(0, version.version().rfind("/versions/"))).second) {
      return InvalidField(field, "FIELD_INVALID",
                          "'" + request.versions(i) + "': a version of its document is there already");
    }
    *submission.add_versions() = std::move(version);
  }
  return absl::OkStatus();
}

// Documents that a submission names belong to the deliverable from then on.
absl::Status AddDocuments(v1::Deliverable& deliverable, const v1::Submission& submission) {
  for (const v1::SubmittedVersion& version : submission.versions()) {
    const std::string document = version.version().substr(0, version.version().rfind("/versions/"));
    const auto& known = deliverable.documents();
    if (std::find(known.begin(), known.end(), document) == known.end()) deliverable.add_documents(document);
  }
  if (deliverable.documents_size() <= kMaxDeliverableDocuments) return absl::OkStatus();
  return InvalidField("versions", "FIELD_INVALID",
                      absl::StrCat("would make ", deliverable.documents_size(), " documents; at most ",
                                   kMaxDeliverableDocuments, " are allowed"));
}

// OK when each document's latest version is still the one that was submitted.
absl::Status CheckUnchanged(Transaction& transaction, const v1::Deliverable& deliverable) {
  std::vector<std::string> changed;
  for (const v1::SubmittedVersion& submitted : deliverable.submissions().rbegin()->versions()) {
    GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(submitted.version()));
    GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(name.number));
    const v1::Version& latest = document.latest_version();
    if (document.state() == v1::DOCUMENT_STATE_WITHDRAWN || latest.number() != name.version ||
        latest.manifest_sha256() != submitted.manifest_sha256() || latest.state() == v1::VERSION_STATE_OBSOLETE) {
      changed.push_back(document.name());
    }
  }
  if (changed.empty()) return absl::OkStatus();
  const std::string names = JoinNames(changed);
  return Error(absl::StatusCode::kFailedPrecondition, "SUBMISSION_OUTDATED",
               "'" + deliverable.name() + "': documents changed since it was submitted: " + names,
               {{"resource", deliverable.name()}, {"documents", names}});
}

// The decision of the caller on the last submission, without its outcome.
absl::StatusOr<v1::Acceptance> Decide(Transaction& transaction, const v1::Deliverable& deliverable,
                                      const std::string& date, const std::string& comment) {
  v1::Acceptance acceptance;
  GREFFE_ASSIGN_OR_RETURN(*acceptance.mutable_date(), PastDay(transaction, date, "date"));
  const std::string& submitted = deliverable.submissions().rbegin()->date();
  if (acceptance.date() < submitted) {
    return InvalidField("date", "DATES_OUT_OF_ORDER", "'" + date + "': it was submitted on " + submitted);
  }
  *acceptance.mutable_time() = ToTimestamp(transaction.record_time());
  acceptance.set_principal(transaction.caller().id());
  acceptance.set_comment(comment);
  return acceptance;
}

absl::StatusOr<v1::Action> MakeAction(Transaction& transaction, const v1::Deliverable& deliverable,
                                      const v1::Reservation& reservation, const std::string& accepted,
                                      const std::string& field) {
  // Those of an action may be empty.
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(reservation.owner(), field + ".owner"));
  GREFFE_RETURN_IF_ERROR(RequireDate(reservation.due_date(), field + ".due_date"));
  if (reservation.due_date() < accepted) {
    return InvalidField(field + ".due_date", "DATES_OUT_OF_ORDER",
                        "'" + reservation.due_date() + "': is before the acceptance, " + accepted);
  }
  v1::Action action;
  action.set_title(reservation.title());
  action.set_description(reservation.description());
  action.set_owner(reservation.owner());
  action.set_due_date(reservation.due_date());
  action.set_source(deliverable.name());
  return AddEntryOf(transaction, action, field);
}

// Registers the acceptance record under a path that is free, and gives its number.
absl::StatusOr<std::string> RegisterRecord(Transaction& transaction, const std::string& id, v1::Document& document) {
  const bool path_chosen = !document.path().empty();
  std::string folder = "acceptance/";
  for (int attempt = 1;;) {
    if (!path_chosen) {
      document.set_path(absl::StrCat(folder, id, "-acceptance", attempt > 1 ? absl::StrCat("-", attempt) : "", ".md"));
    }
    absl::StatusOr<std::string> number = CreateDocument(transaction, document, "", transaction.caller().id(),
                                                        "acceptance_record", "acceptance_record.name", SaidBy::kServer);
    const bool taken = ReasonOf(number.status()) == "PATH_TAKEN";
    if (number.ok() || !taken || path_chosen || attempt == kMaxPathAttempts) return number;
    const std::string clash = ErrorMetadataOf(number.status(), "clash");
    if (FoldPath(clash) != "acceptance") {
      ++attempt;
    } else if (ErrorMetadataOf(number.status(), "document").empty()) {
      folder = clash + "/";  // as the project spells it
    } else {
      folder.clear();  // no folder can be where a document lies
    }
  }
}

// Writes the acceptance record; the name of its version.
absl::StatusOr<std::string> WriteRecord(Transaction& transaction, const std::string& id,
                                        const v1::Deliverable& deliverable, const std::vector<v1::Action>& actions,
                                        const v1::AcceptDeliverableRequest& request, Language language) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  std::string text = AcceptanceRecordText(*project, deliverable, transaction.caller(), actions, language);
  v1::Document document = request.acceptance_record();
  if (document.type().empty()) {
    const bool shipped = FindDocumentType(*project, "record") != nullptr;
    document.set_type(shipped || project->document_types().empty() ? "record" : project->document_types(0).id());
  }
  if (document.title().empty()) document.set_title(AcceptanceRecordTitle(deliverable, language));
  GREFFE_ASSIGN_OR_RETURN(const std::string number, RegisterRecord(transaction, id, document));
  CheckInAct act;
  act.number = number;
  act.comment = document.title();
  GREFFE_ASSIGN_OR_RETURN(act.main_file,
                          StageBytes(std::move(text), std::string(LastPart(document.path())), "", "acceptance_record"));
  GREFFE_RETURN_IF_ERROR(CheckIn(transaction, std::move(act), "acceptance_record").status());
  return FormatVersionName(transaction.project_id(), number, 1);
}

}  // namespace

absl::Status SubmitDeliverable(Transaction& transaction, const std::string& id,
                               const v1::SubmitDeliverableRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckTransition(deliverable, v1::DELIVERABLE_STATE_SUBMITTED));
  if (deliverable.submissions_size() >= kMaxSubmissions) {
    return Error(
        absl::StatusCode::kFailedPrecondition, "TOO_MANY_SUBMISSIONS",
        absl::StrCat("'", deliverable.name(), "' was submitted ", kMaxSubmissions, " times; more are not kept"),
        {{"resource", deliverable.name()}});
  }
  GREFFE_RETURN_IF_ERROR(CheckRoomToRepeat(deliverable));
  v1::Submission submission;
  GREFFE_ASSIGN_OR_RETURN(*submission.mutable_date(), PastDay(transaction, request.date(), "date"));
  *submission.mutable_time() = ToTimestamp(transaction.record_time());
  submission.set_principal(transaction.caller().id());
  submission.set_comment(request.comment());
  GREFFE_RETURN_IF_ERROR(TakeAll(transaction, request, submission));
  if (const std::vector<std::string> missing = MissingDocuments(deliverable, submission); !missing.empty()) {
    const std::string names = JoinNames(missing);
    return Error(absl::StatusCode::kFailedPrecondition, "SUBMISSION_INCOMPLETE",
                 "'" + deliverable.name() + "': no version is named of " + names,
                 {{"resource", deliverable.name()}, {"documents", names}});
  }
  GREFFE_RETURN_IF_ERROR(AddDocuments(deliverable, submission));
  *deliverable.add_submissions() = std::move(submission);
  deliverable.set_state(v1::DELIVERABLE_STATE_SUBMITTED);
  transaction.SetSubject("Submit deliverable " + id + ": " + deliverable.title());
  transaction.SetBody(request.comment());
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

absl::Status AcceptDeliverable(Transaction& transaction, const std::string& id,
                               const v1::AcceptDeliverableRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(const Language language, ParseLanguage(request.language(), "language"));
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(request.etag(), deliverable.etag(), deliverable.name()));
  const bool as_it_is = request.reservations().empty();
  const v1::DeliverableState state =
      as_it_is ? v1::DELIVERABLE_STATE_ACCEPTED : v1::DELIVERABLE_STATE_ACCEPTED_WITH_RESERVATIONS;
  GREFFE_RETURN_IF_ERROR(CheckTransition(deliverable, state));
  GREFFE_RETURN_IF_ERROR(CheckAcceptor(deliverable, transaction.caller().id()));
  GREFFE_RETURN_IF_ERROR(CheckUnchanged(transaction, deliverable));
  GREFFE_ASSIGN_OR_RETURN(v1::Acceptance acceptance,
                          Decide(transaction, deliverable, request.date(), request.comment()));
  if (request.reservations_size() > kMaxReservations) {
    return InvalidField(
        "reservations", "FIELD_INVALID",
        absl::StrCat(request.reservations_size(), " of them; at most ", kMaxReservations, " are allowed"));
  }
  acceptance.set_outcome(as_it_is ? v1::ACCEPTANCE_OUTCOME_ACCEPTED
                                  : v1::ACCEPTANCE_OUTCOME_ACCEPTED_WITH_RESERVATIONS);
  std::vector<v1::Action> actions;
  for (int i = 0; i < request.reservations_size(); ++i) {
    GREFFE_ASSIGN_OR_RETURN(v1::Action action, MakeAction(transaction, deliverable, request.reservations(i),
                                                          acceptance.date(), absl::StrCat("reservations[", i, "]")));
    acceptance.add_reservations(action.name());
    actions.push_back(std::move(action));
  }
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, request.comment()));
  GREFFE_RETURN_IF_ERROR(MoveDate(deliverable, v1::DATE_KIND_ACTUAL, acceptance.date(), std::move(change)));
  deliverable.set_state(state);
  v1::Submission& submission = *deliverable.mutable_submissions(deliverable.submissions_size() - 1);
  *submission.mutable_acceptance() = std::move(acceptance);
  GREFFE_ASSIGN_OR_RETURN(*submission.mutable_acceptance()->mutable_record(),
                          WriteRecord(transaction, id, deliverable, actions, request, language));
  const std::string reservations =
      as_it_is ? "" : absl::StrCat(" with ", actions.size(), actions.size() == 1 ? " reservation" : " reservations");
  transaction.SetSubject("Accept deliverable " + id + reservations + ": " + deliverable.title());
  transaction.SetBody(request.comment());
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

absl::Status RejectDeliverable(Transaction& transaction, const std::string& id,
                               const v1::RejectDeliverableRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(request.etag(), deliverable.etag(), deliverable.name()));
  GREFFE_RETURN_IF_ERROR(CheckTransition(deliverable, v1::DELIVERABLE_STATE_REJECTED));
  GREFFE_RETURN_IF_ERROR(CheckAcceptor(deliverable, transaction.caller().id()));
  GREFFE_ASSIGN_OR_RETURN(v1::Acceptance acceptance,
                          Decide(transaction, deliverable, request.date(), request.comment()));
  acceptance.set_outcome(v1::ACCEPTANCE_OUTCOME_REJECTED);
  *deliverable.mutable_submissions(deliverable.submissions_size() - 1)->mutable_acceptance() = std::move(acceptance);
  deliverable.set_state(v1::DELIVERABLE_STATE_REJECTED);
  transaction.SetSubject("Reject deliverable " + id + ": " + deliverable.title());
  transaction.SetBody(request.comment());
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

}  // namespace greffe
