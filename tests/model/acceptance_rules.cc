// Rules of what hands deliverables over, accepts and rejects them.
#include <algorithm>

#include "clients/cpp/checksums.h"
#include "storage/base/acceptance_record.h"
#include "storage/base/hashing.h"
#include "storage/base/media_type.h"
#include "tests/model/draft.h"
#include "tests/model/entry_filters.h"
#include "tests/model/plan_draft.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

// The version that a name of a submission means; nullptr, with `refusals`: none that can be submitted.
const v1::Version* Take(const Moment& moment, const std::string& name, Refusals& refusals) {
  const Draft documents(moment, nullptr);
  if (!name.starts_with("projects/" + moment.project().id() + "/")) {
    refusals.insert("INVALID_ARGUMENT NAME_INVALID");
    return nullptr;
  }
  const v1::Document* document = Open(documents, moment, DocumentNameIn(name), "", false, refusals);
  if (document == nullptr) return nullptr;
  const FoundVersion found = FindVersion(moment, *document, name);
  if (found.version == nullptr) {
    refusals.insert(found.refusal);
    return nullptr;
  }
  if (found.version->number() != document->latest_version().number()) {
    refusals.insert("FAILED_PRECONDITION VERSION_NOT_LATEST");
  }
  if (found.version->state() == v1::VERSION_STATE_OBSOLETE) refusals.insert("FAILED_PRECONDITION VERSION_OBSOLETE");
  return found.version;
}

Expected SubmitDeliverable(const Moment& moment, const v1::SubmitDeliverableRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  CheckPastDay(request.date(), refusals);
  if (request.versions().empty()) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  const auto* before = draft.Open<v1::Deliverable>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  constexpr int kMaxSubmissions = 50;
  if (before->submissions_size() >= kMaxSubmissions) refusals.insert("FAILED_PRECONDITION TOO_MANY_SUBMISSIONS");
  v1::Deliverable deliverable = *before;
  v1::Submission& submission = *deliverable.add_submissions();
  std::set<std::string> documents;
  for (const std::string& name : request.versions()) {
    const v1::Version* version = Take(moment, name, refusals);
    if (version == nullptr) continue;
    const std::string document = DocumentNameIn(name);
    if (!documents.insert(document).second) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
    v1::SubmittedVersion& submitted = *submission.add_versions();
    submitted.set_version(version->name());
    submitted.set_manifest_sha256(version->manifest_sha256());
    submitted.set_title(moment.Find<v1::Document>(document)->title());
    submitted.set_revision(version->revision());
    const auto& known = deliverable.documents();
    if (std::find(known.begin(), known.end(), document) == known.end()) deliverable.add_documents(document);
  }
  for (const std::string& document : before->documents()) {
    if (!documents.contains(document)) refusals.insert("FAILED_PRECONDITION SUBMISSION_INCOMPLETE");
  }
  const v1::DateChange by = draft.By("");
  submission.set_date(draft.DayOr(request.date()));
  *submission.mutable_time() = by.time();
  submission.set_principal(by.principal());
  submission.set_comment(request.comment());
  deliverable.set_state(v1::DELIVERABLE_STATE_SUBMITTED);
  draft.Put(deliverable);
  return Answer<v1::Deliverable>(draft, deliverable.name(), std::move(refusals));
}

// The deliverable that somebody decides on; nullptr, with `refusals`.
const v1::Deliverable* FindSubmitted(const PlanDraft& draft, const std::string& name, const std::string& etag,
                                     const std::string& date, const std::string& caller, Refusals& refusals) {
  CheckPastDay(date, refusals);
  const auto* found = draft.Open<v1::Deliverable>(name, etag, refusals);
  if (found == nullptr) return nullptr;
  if (!found->acceptor().empty() && found->acceptor() != caller) {
    refusals.insert("PERMISSION_DENIED NOT_THE_ACCEPTOR");
  }
  if (found->state() != v1::DELIVERABLE_STATE_SUBMITTED) {
    refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  } else if (!date.empty() && date < found->submissions().rbegin()->date()) {
    refusals.insert("INVALID_ARGUMENT DATES_OUT_OF_ORDER");
  }
  return refusals.empty() || found->state() == v1::DELIVERABLE_STATE_SUBMITTED ? found : nullptr;
}

v1::Acceptance& Decide(const PlanDraft& draft, v1::Deliverable& deliverable, const std::string& date,
                       const std::string& comment) {
  v1::Acceptance& acceptance =
      *deliverable.mutable_submissions(deliverable.submissions_size() - 1)->mutable_acceptance();
  const v1::DateChange by = draft.By("");
  acceptance.set_date(draft.DayOr(date));
  *acceptance.mutable_time() = by.time();
  acceptance.set_principal(by.principal());
  acceptance.set_comment(comment);
  return acceptance;
}

void CheckUnchanged(const Moment& moment, const v1::Deliverable& deliverable, Refusals& refusals) {
  for (const v1::SubmittedVersion& submitted : deliverable.submissions().rbegin()->versions()) {
    const auto* document = moment.Find<v1::Document>(DocumentNameIn(submitted.version()));
    const v1::Version& latest = document->latest_version();
    if (document->state() == v1::DOCUMENT_STATE_WITHDRAWN || latest.name() != submitted.version() ||
        latest.state() == v1::VERSION_STATE_OBSOLETE) {
      refusals.insert("FAILED_PRECONDITION SUBMISSION_OUTDATED");
    }
  }
}

// What the reservations become.
std::vector<v1::Action> PutActions(PlanDraft& draft, const v1::AcceptDeliverableRequest& request,
                                   v1::Acceptance& acceptance, Refusals& refusals) {
  std::vector<v1::Action> actions;
  for (const v1::Reservation& reservation : request.reservations()) {
    CheckPerson(reservation.owner(), refusals);
    if (reservation.due_date().empty() || !IsDay(reservation.due_date())) {
      refusals.insert("INVALID_ARGUMENT DATE_INVALID");
    } else if (reservation.due_date() < (request.date().empty() ? DayIn(0) : request.date())) {
      refusals.insert("INVALID_ARGUMENT DATES_OUT_OF_ORDER");
    }
    v1::Action action;
    action.set_title(reservation.title());
    action.set_description(reservation.description());
    action.set_owner(reservation.owner());
    action.set_due_date(reservation.due_date());
    action.set_source(request.name());
    Flaws flaws;
    const std::string name = draft.Create(action, "", flaws);
    for (const Flaw& flaw : flaws) refusals.insert(flaw.refusal);
    if (name.empty()) continue;
    acceptance.add_reservations(name);
    actions.push_back(*draft.Find<v1::Action>(name));
  }
  return actions;
}

// The path that the record gets: what is asked for, or that of its deliverable, or the one that the server found where
// that is taken.
std::string PathOfRecord(const Draft& documents, const v1::AcceptDeliverableRequest& request, const Made* made) {
  if (!request.acceptance_record().path().empty()) return request.acceptance_record().path();
  v1::Document document;
  document.set_path("acceptance/" + IdOf(request.name()) + "-acceptance.md");
  if (made == nullptr || documents.Clashes(document).empty()) return document.path();
  for (const v1::ChangeEntry& entry : made->change.entries()) {
    if (!entry.path().empty()) return entry.path();
  }
  return document.path();
}

// Writes the acceptance record. The name of its version.
std::string PutRecord(Draft& documents, const PlanDraft& draft, const v1::AcceptDeliverableRequest& request,
                      const v1::Deliverable& deliverable, const std::vector<v1::Action>& actions,
                      const std::string& caller, Refusals& refusals) {
  const Moment& moment = draft.moment();
  const Language language = request.language() == "fr" ? Language::kFrench : Language::kEnglish;
  v1::Document document = request.acceptance_record();
  document.clear_name();
  document.set_path(PathOfRecord(documents, request, draft.made()));
  if (document.title().empty()) document.set_title(AcceptanceRecordTitle(deliverable, language));
  const std::string title = document.title();
  const std::string number = Create(documents, moment, document, "", caller, refusals);
  // Where the path is taken it would get another one, which only the server knows.
  const bool chosen = !request.acceptance_record().path().empty();
  if (draft.made() == nullptr && !chosen) refusals.erase("ALREADY_EXISTS PATH_TAKEN");
  if (number.empty()) return "";
  v1::Principal acceptor;
  acceptor.set_id(caller);
  const std::string text = AcceptanceRecordText(*ProjectOf(moment), deliverable, acceptor, actions, language);
  const std::string name = document.path().substr(document.path().rfind('/') + 1);
  v1::Version version;
  version.mutable_main_file()->set_media_type(MediaTypeOf(name, text));
  version.mutable_main_file()->set_size(static_cast<std::int64_t>(text.size()));
  version.mutable_main_file()->set_sha256(client::Sha256Of(text));
  version.mutable_main_file()->set_oid(HashObject(ObjectType::kBlob, text).Hex());
  version.set_comment(title);
  documents.PutVersion(*documents.FindNumber(number), version, false, refusals);
  documents.PutContent(version.main_file().sha256(), text);
  return documents.FindNumber(number)->name() + "/versions/1";
}

Expected AcceptDeliverable(const Moment& moment, const v1::AcceptDeliverableRequest& request, const std::string& caller,
                           const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (!request.language().empty() && request.language() != "fr" && request.language() != "en") {
    refusals.insert("INVALID_ARGUMENT LANGUAGE_UNKNOWN");
  }
  const auto* before = FindSubmitted(draft, request.name(), request.etag(), request.date(), caller, refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  CheckUnchanged(moment, *before, refusals);
  v1::Deliverable deliverable = *before;
  v1::Acceptance& acceptance = Decide(draft, deliverable, request.date(), request.comment());
  const std::vector<v1::Action> actions = PutActions(draft, request, acceptance, refusals);
  const bool as_it_is = request.reservations().empty();
  acceptance.set_outcome(as_it_is ? v1::ACCEPTANCE_OUTCOME_ACCEPTED
                                  : v1::ACCEPTANCE_OUTCOME_ACCEPTED_WITH_RESERVATIONS);
  deliverable.set_state(as_it_is ? v1::DELIVERABLE_STATE_ACCEPTED : v1::DELIVERABLE_STATE_ACCEPTED_WITH_RESERVATIONS);
  MoveDate(deliverable, v1::DATE_KIND_ACTUAL, acceptance.date(), draft.By(request.comment()));
  Draft documents(moment, made);
  acceptance.set_record(PutRecord(documents, draft, request, deliverable, actions, caller, refusals));
  draft.Put(deliverable);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Expected expected;
  documents.Finish(expected);
  draft.Finish(expected);
  expected.answer = draft.After(deliverable.name());
  return expected;
}

Expected RejectDeliverable(const Moment& moment, const v1::RejectDeliverableRequest& request, const std::string& caller,
                           const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (request.comment().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  const auto* before = FindSubmitted(draft, request.name(), request.etag(), request.date(), caller, refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  v1::Deliverable deliverable = *before;
  Decide(draft, deliverable, request.date(), request.comment()).set_outcome(v1::ACCEPTANCE_OUTCOME_REJECTED);
  deliverable.set_state(v1::DELIVERABLE_STATE_REJECTED);
  draft.Put(deliverable);
  return Answer<v1::Deliverable>(draft, deliverable.name(), std::move(refusals));
}

}  // namespace

void AddAcceptanceRules(Rules& rules) {
  rules.Add<v1::SubmitDeliverableRequest>(SubmitDeliverable);
  rules.AddByCaller<v1::AcceptDeliverableRequest>(AcceptDeliverable);
  rules.AddByCaller<v1::RejectDeliverableRequest>(RejectDeliverable);
}

}  // namespace greffe::model
