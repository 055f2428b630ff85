// Rules of what sends versions out, of what recipients answer, and of what is told of that.
#include <algorithm>

#include "greffe/v1/transmittals.pb.h"
#include "tests/model/draft.h"
#include "tests/model/plan_draft.h"
#include "tests/model/record_lists.h"
#include "tests/model/sent_paths.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

void CheckValues(const v1::CreateTransmittalRequest& request, Refusals& refusals) {
  const v1::Transmittal& transmittal = request.transmittal();
  CheckTitle(transmittal.title(), refusals);
  if (!IsDay(transmittal.response_due())) {
    refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  } else if (!transmittal.response_due().empty() && transmittal.response_due() < DayIn(0)) {
    refusals.insert("INVALID_ARGUMENT DATE_IN_PAST");
  }
  std::set<std::string> recipients;
  for (const v1::TransmittalRecipient& recipient : transmittal.recipients()) {
    CheckPerson(recipient.id(), refusals);
    if (!recipients.insert(recipient.id()).second) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  }
  if (recipients.empty() || request.versions().empty()) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  std::set<std::string> documents;
  for (const std::string& name : request.versions()) {
    const bool is_own = name.starts_with(request.parent() + "/");
    if (!is_own || !documents.insert(DocumentNameIn(name)).second) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  }
}

void AddItems(const Moment& moment, const v1::CreateTransmittalRequest& request, v1::Transmittal& transmittal,
              Refusals& refusals) {
  const Draft documents(moment, nullptr);
  std::vector<std::string> paths;
  for (const std::string& name : request.versions()) {
    const v1::Document* document = Open(documents, moment, DocumentNameIn(name), "", false, refusals);
    if (document == nullptr) continue;
    const FoundVersion found = FindVersion(moment, *document, name);
    if (found.version == nullptr) {
      refusals.insert(found.refusal);
      continue;
    }
    v1::TransmittalItem& item = *transmittal.add_items();
    item.set_version(found.version->name());
    item.set_title(document->title());
    item.set_path(document->path());
    item.set_manifest_sha256(found.version->manifest_sha256());
    item.set_state(found.version->state());
    item.set_revision(found.version->revision());
    AddPathsOf(*document, *found.version, paths);
  }
  if (DoClash(paths)) refusals.insert("FAILED_PRECONDITION PATHS_CLASH");
}

Expected CreateTransmittal(const Moment& moment, const v1::CreateTransmittalRequest& request, const std::string& caller,
                           const Made* made) {
  if (!moment.exists()) {
    Refusals refusals = {"NOT_FOUND PROJECT_NOT_FOUND"};
    CheckValues(request, refusals);
    return Expected::Refused(std::move(refusals));
  }
  PlanDraft draft(moment, made);
  Refusals refusals;
  CheckValues(request, refusals);
  v1::Transmittal transmittal;
  transmittal.set_name(draft.NewName<v1::Transmittal>("TRM", "", refusals));
  transmittal.set_title(request.transmittal().title());
  transmittal.set_reason(request.transmittal().reason());
  if (transmittal.reason() == v1::TRANSMITTAL_REASON_UNSPECIFIED) {
    transmittal.set_reason(v1::TRANSMITTAL_REASON_INFORMATION);
  }
  transmittal.set_message(request.transmittal().message());
  *transmittal.mutable_recipients() = request.transmittal().recipients();
  transmittal.set_response_due(request.transmittal().response_due());
  transmittal.set_sender(caller);
  AddItems(moment, request, transmittal, refusals);
  draft.Put(transmittal);
  return Answer<v1::Transmittal>(draft, transmittal.name(), std::move(refusals));
}

Expected AcknowledgeTransmittal(const Moment& moment, const v1::AcknowledgeTransmittalRequest& request,
                                const std::string& caller, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  const std::string& recipient = request.recipient().empty() ? caller : request.recipient();
  CheckPerson(recipient, refusals);
  const auto* before = draft.Open<v1::Transmittal>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  const auto& recipients = before->recipients();
  if (std::none_of(recipients.begin(), recipients.end(), [&](const auto& one) { return one.id() == recipient; })) {
    refusals.insert("NOT_FOUND RECIPIENT_NOT_FOUND");
  }
  const auto& former = before->acknowledgements();
  const bool says_nothing_new =
      request.comment().empty() && std::any_of(former.begin(), former.end(), [&](const auto& one) {
        return one.recipient() == recipient && (one.responded() || !request.responded());
      });
  if (says_nothing_new) refusals.insert("FAILED_PRECONDITION ALREADY_ACKNOWLEDGED");
  v1::Transmittal transmittal = *before;
  v1::TransmittalAcknowledgement& acknowledgement = *transmittal.add_acknowledgements();
  const v1::DateChange by = draft.By("");
  acknowledgement.set_recipient(recipient);
  *acknowledgement.mutable_time() = by.time();
  acknowledgement.set_principal(by.principal());
  acknowledgement.set_comment(request.comment());
  acknowledgement.set_responded(request.responded());
  draft.Put(transmittal);
  return Answer<v1::Transmittal>(draft, transmittal.name(), std::move(refusals));
}

v1::TransmittalChangeKind KindOf(const v1::Document& document, const v1::Version& sent) {
  if (document.state() == v1::DOCUMENT_STATE_WITHDRAWN) return v1::TRANSMITTAL_CHANGE_KIND_WITHDRAWN;
  if (sent.state() == v1::VERSION_STATE_OBSOLETE) return v1::TRANSMITTAL_CHANGE_KIND_OBSOLETE;
  // The later version that was released may be obsolete itself by now.
  if (document.released_version() > sent.number() || sent.state() == v1::VERSION_STATE_SUPERSEDED) {
    return v1::TRANSMITTAL_CHANGE_KIND_SUPERSEDED;
  }
  return document.latest_version().number() > sent.number() ? v1::TRANSMITTAL_CHANGE_KIND_NEWER
                                                            : v1::TRANSMITTAL_CHANGE_KIND_CURRENT;
}

Expected CompareTransmittal(const Moment& now, const v1::CompareTransmittalRequest& request, const Made*) {
  if (request.as_of().has_baseline()) return Expected::Refused({"INVALID_ARGUMENT FIELD_INVALID"});
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto* transmittal = moment->Find<v1::Transmittal>(request.name());
  if (transmittal == nullptr) return Expected::Refused({"NOT_FOUND RECORD_NOT_FOUND"});
  auto response = std::make_shared<v1::CompareTransmittalResponse>();
  for (const v1::TransmittalItem& item : transmittal->items()) {
    const v1::Document& document = *moment->Find<v1::Document>(DocumentNameIn(item.version()));
    const v1::Version& sent = *moment->Find<v1::Version>(item.version());
    v1::TransmittalChange& change = *response->add_changes();
    *change.mutable_item() = item;
    change.set_kind(KindOf(document, sent));
    change.set_latest_version(document.latest_version().number());
    change.set_released_version(document.released_version());
    change.set_state(sent.state());
    change.set_path(document.path());
    const bool changed = change.kind() != v1::TRANSMITTAL_CHANGE_KIND_CURRENT;
    response->set_changed_count(response->changed_count() + (changed ? 1 : 0));
  }
  response->set_sequence(moment->sequence());
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

}  // namespace

void AddTransmittalRules(Rules& rules) {
  rules.AddByCaller<v1::CreateTransmittalRequest>(CreateTransmittal);
  rules.AddByCaller<v1::AcknowledgeTransmittalRequest>(AcknowledgeTransmittal);
  rules.Add<v1::CompareTransmittalRequest>(CompareTransmittal);
  rules.Add<v1::GetTransmittalRequest>(GetRecord<v1::Transmittal, v1::GetTransmittalRequest>);
  rules.Add<v1::ListTransmittalsRequest>(
      ListRecords<v1::Transmittal, v1::ListTransmittalsResponse, v1::ListTransmittalsRequest>);
}

}  // namespace greffe::model
