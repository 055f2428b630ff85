#include "storage/store/deliverable_acts.h"

#include <algorithm>
#include <utility>

#include "google/protobuf/util/message_differencer.h"
#include "storage/base/deliverable_rules.h"
#include "storage/base/due_dates.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/store/document_acts.h"
#include "storage/store/milestone_acts.h"
#include "storage/store/record_edits.h"

namespace greffe {
namespace {

using google::protobuf::RepeatedPtrField;

absl::Status CheckDocuments(Transaction& transaction, const v1::Deliverable& deliverable) {
  for (const std::string& document : deliverable.documents()) {
    GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(document, "deliverable.documents"));
    GREFFE_RETURN_IF_ERROR(transaction.GetDocument(name.number).status());
  }
  return absl::OkStatus();
}

bool Same(const RepeatedPtrField<std::string>& a, const RepeatedPtrField<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// What the acceptor looks at must not change under his eyes.
absl::Status CheckNotSubmitted(const v1::Deliverable& before, const v1::Deliverable& after) {
  if (before.state() != v1::DELIVERABLE_STATE_SUBMITTED ||
      (Same(before.acceptance_criteria(), after.acceptance_criteria()) &&
       Same(before.documents(), after.documents()))) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, "SUBMISSION_OPEN",
               "'" + before.name() + "' is submitted: its criteria and documents stay until it is accepted or rejected",
               {{"resource", before.name()}});
}

}  // namespace

absl::Status CreateDeliverable(Transaction& transaction, v1::Deliverable deliverable, const std::string& chosen_id) {
  GREFFE_RETURN_IF_ERROR(transaction.GetProject().status());
  const RecordKind& kind = KindOf<v1::Deliverable>();
  GREFFE_ASSIGN_OR_RETURN(const std::string id, NewRecordId(transaction, kind, "DLV", chosen_id, "deliverable_id"));
  deliverable.set_name(FormatRecordName(transaction.project_id(), kind.collection, id));
  if (deliverable.responsible().empty()) deliverable.set_responsible(transaction.caller().id());
  deliverable.set_state(v1::DELIVERABLE_STATE_PLANNED);
  deliverable.clear_actual_date();
  deliverable.clear_slips();
  deliverable.clear_submissions();
  deliverable.clear_closing_comment();
  GREFFE_RETURN_IF_ERROR(ValidateDeliverable(deliverable, transaction.project_id(), "deliverable"));
  GREFFE_RETURN_IF_ERROR(CheckDocuments(transaction, deliverable));
  GREFFE_RETURN_IF_ERROR(CheckPlannedBeforeMilestone(transaction, deliverable));
  const std::string forecast = deliverable.forecast_date();
  deliverable.clear_forecast_date();
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, ""));
  GREFFE_RETURN_IF_ERROR(MoveDate(deliverable, v1::DATE_KIND_FORECAST, forecast, std::move(change)));
  GREFFE_RETURN_IF_ERROR(AddGate(transaction, deliverable));
  GREFFE_RETURN_IF_ERROR(transaction.AddRecord(deliverable));
  transaction.SetSubject("Create deliverable " + id + ": " + deliverable.title());
  return absl::OkStatus();
}

absl::Status UpdateDeliverable(Transaction& transaction, const v1::Deliverable& values, const std::string& id,
                               const std::vector<std::string>& paths) {
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(values.etag(), deliverable.etag(), deliverable.name()));
  const v1::Deliverable before = deliverable;
  GREFFE_RETURN_IF_ERROR(ReplaceFields(
      deliverable, values, paths,
      {"title", "description", "acceptance_criteria", "responsible", "acceptor", "milestone", "documents"}));
  GREFFE_RETURN_IF_ERROR(ValidateDeliverable(deliverable, transaction.project_id(), "deliverable"));
  if (google::protobuf::util::MessageDifferencer::Equals(deliverable, before)) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(CheckOpen(before));
  GREFFE_RETURN_IF_ERROR(CheckNotSubmitted(before, deliverable));
  if (!Same(deliverable.documents(), before.documents())) {
    GREFFE_RETURN_IF_ERROR(CheckDocuments(transaction, deliverable));
  }
  if (deliverable.milestone() != before.milestone()) {
    GREFFE_RETURN_IF_ERROR(CheckPlannedBeforeMilestone(transaction, deliverable));
    GREFFE_RETURN_IF_ERROR(RemoveGate(transaction, before));
    GREFFE_RETURN_IF_ERROR(AddGate(transaction, deliverable));
  }
  transaction.SetSubject("Update deliverable " + id + ": " + deliverable.title());
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

absl::Status PlanDeliverable(Transaction& transaction, const std::string& id, const std::string& date,
                             const std::string& reason) {
  GREFFE_RETURN_IF_ERROR(RequireDate(date, "planned_date"));
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckOpen(deliverable));
  if (deliverable.planned_date() == date) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, reason));
  GREFFE_RETURN_IF_ERROR(MoveDate(deliverable, v1::DATE_KIND_PLANNED, date, std::move(change)));
  GREFFE_RETURN_IF_ERROR(CheckPlannedBeforeMilestone(transaction, deliverable));
  transaction.SetSubject("Plan deliverable " + id + " for " + date);
  transaction.SetBody(reason);
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

absl::Status ForecastDeliverable(Transaction& transaction, const std::string& id, const std::string& date,
                                 const std::string& reason) {
  GREFFE_RETURN_IF_ERROR(ValidateDate(date, "forecast_date"));
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckOpen(deliverable));
  if (deliverable.forecast_date() == date) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, reason));
  GREFFE_RETURN_IF_ERROR(MoveDate(deliverable, v1::DATE_KIND_FORECAST, date, std::move(change)));
  transaction.SetSubject(date.empty() ? "Take back the forecast of deliverable " + id
                                      : "Forecast deliverable " + id + " for " + date);
  transaction.SetBody(reason);
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

absl::Status StartDeliverable(Transaction& transaction, const std::string& id) {
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckTransition(deliverable, v1::DELIVERABLE_STATE_IN_PROGRESS));
  deliverable.set_state(v1::DELIVERABLE_STATE_IN_PROGRESS);
  transaction.SetSubject("Start deliverable " + id + ": " + deliverable.title());
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

absl::Status ArchiveDeliverable(Transaction& transaction, const std::string& id, const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(v1::Deliverable deliverable, transaction.GetRecord<v1::Deliverable>(id));
  GREFFE_RETURN_IF_ERROR(CheckTransition(deliverable, v1::DELIVERABLE_STATE_ARCHIVED));
  if (!IsAccepted(deliverable) && comment.empty()) {
    return InvalidField("comment", "TEXT_INVALID", "'': says why a deliverable that was not accepted is given up");
  }
  deliverable.set_state(v1::DELIVERABLE_STATE_ARCHIVED);
  deliverable.set_closing_comment(comment);
  transaction.SetSubject("Archive deliverable " + id + ": " + deliverable.title());
  transaction.SetBody(comment);
  transaction.PutRecord(deliverable);
  return absl::OkStatus();
}

}  // namespace greffe
