#include "storage/store/milestone_acts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/deliverable_rules.h"
#include "storage/base/due_dates.h"
#include "storage/base/errors.h"
#include "storage/base/milestone_rules.h"
#include "storage/store/document_acts.h"
#include "storage/store/milestone_gates.h"
#include "storage/store/record_edits.h"

namespace greffe {
namespace {

absl::Status CheckNotClosed(const v1::Milestone& milestone) {
  if (IsOpen(milestone)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "MILESTONE_CLOSED",
               "'" + milestone.name() + "' is achieved or cancelled", {{"resource", milestone.name()}});
}

absl::StatusOr<v1::Milestone> MilestoneOf(Transaction& transaction, const v1::Deliverable& deliverable) {
  GREFFE_ASSIGN_OR_RETURN(const RecordName name,
                          ParseRecordName(KindOf<v1::Milestone>(), deliverable.milestone(), "deliverable.milestone"));
  return transaction.GetRecord<v1::Milestone>(name.id);
}

absl::StatusOr<v1::Milestone> Settle(Transaction& transaction, const std::string& id, v1::MilestoneState state,
                                     const std::string& comment, const std::string& what) {
  GREFFE_ASSIGN_OR_RETURN(v1::Milestone milestone, transaction.GetRecord<v1::Milestone>(id));
  GREFFE_RETURN_IF_ERROR(CheckTransition(milestone, state));
  milestone.set_state(state);
  milestone.set_outcome(comment);
  transaction.SetSubject(what + " milestone " + id + ": " + milestone.title());
  transaction.SetBody(comment);
  return milestone;
}

absl::Status EnterStage(Transaction& transaction, const std::string& stage) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* current, transaction.GetProject());
  if (stage.empty() || current->stage() == stage) return absl::OkStatus();
  v1::Project project = *current;
  project.set_stage(stage);
  project.DiscardUnknownFields();
  transaction.PutProject(std::move(project));
  return absl::OkStatus();
}

}  // namespace

absl::Status CreateMilestone(Transaction& transaction, v1::Milestone milestone, const std::string& chosen_id) {
  GREFFE_RETURN_IF_ERROR(transaction.GetProject().status());
  const RecordKind& kind = KindOf<v1::Milestone>();
  GREFFE_ASSIGN_OR_RETURN(const std::string id, NewRecordId(transaction, kind, "MST", chosen_id, "milestone_id"));
  milestone.set_name(FormatRecordName(transaction.project_id(), kind.collection, id));
  milestone.set_state(v1::MILESTONE_STATE_PLANNED);
  milestone.clear_actual_date();
  milestone.clear_slips();
  milestone.clear_outcome();
  GREFFE_RETURN_IF_ERROR(ValidateMilestone(milestone, transaction.project_id(), "milestone"));
  const std::string forecast = milestone.forecast_date();
  milestone.clear_forecast_date();
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, ""));
  GREFFE_RETURN_IF_ERROR(MoveDate(milestone, v1::DATE_KIND_FORECAST, forecast, std::move(change)));
  GREFFE_RETURN_IF_ERROR(CheckGates(transaction, milestone));
  GREFFE_RETURN_IF_ERROR(transaction.AddRecord(milestone));
  transaction.SetSubject("Create milestone " + id + ": " + milestone.title());
  return absl::OkStatus();
}

absl::Status UpdateMilestone(Transaction& transaction, const v1::Milestone& values, const std::string& id,
                             const std::vector<std::string>& paths) {
  GREFFE_ASSIGN_OR_RETURN(v1::Milestone milestone, transaction.GetRecord<v1::Milestone>(id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(values.etag(), milestone.etag(), milestone.name()));
  const v1::Milestone before = milestone;
  GREFFE_RETURN_IF_ERROR(
      ReplaceFields(milestone, values, paths, {"title", "description", "responsible", "stage", "next_stage", "gates"}));
  GREFFE_RETURN_IF_ERROR(ValidateMilestone(milestone, transaction.project_id(), "milestone"));
  if (google::protobuf::util::MessageDifferencer::Equals(milestone, before)) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(CheckNotClosed(before));
  if (!std::equal(milestone.gates().begin(), milestone.gates().end(), before.gates().begin(), before.gates().end())) {
    GREFFE_RETURN_IF_ERROR(CheckGates(transaction, milestone));
  }
  transaction.SetSubject("Update milestone " + id + ": " + milestone.title());
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status PlanMilestone(Transaction& transaction, const std::string& id, const std::string& date,
                           const std::string& reason) {
  GREFFE_RETURN_IF_ERROR(RequireDate(date, "planned_date"));
  GREFFE_ASSIGN_OR_RETURN(v1::Milestone milestone, transaction.GetRecord<v1::Milestone>(id));
  GREFFE_RETURN_IF_ERROR(CheckNotClosed(milestone));
  if (milestone.planned_date() == date) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, reason));
  GREFFE_RETURN_IF_ERROR(MoveDate(milestone, v1::DATE_KIND_PLANNED, date, std::move(change)));
  GREFFE_RETURN_IF_ERROR(CheckGates(transaction, milestone));
  GREFFE_RETURN_IF_ERROR(CheckDue(transaction, milestone));
  GREFFE_RETURN_IF_ERROR(CheckGated(transaction, milestone));
  transaction.SetSubject("Plan milestone " + id + " for " + date);
  transaction.SetBody(reason);
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status ForecastMilestone(Transaction& transaction, const std::string& id, const std::string& date,
                               const std::string& reason) {
  GREFFE_RETURN_IF_ERROR(ValidateDate(date, "forecast_date"));
  GREFFE_ASSIGN_OR_RETURN(v1::Milestone milestone, transaction.GetRecord<v1::Milestone>(id));
  GREFFE_RETURN_IF_ERROR(CheckNotClosed(milestone));
  if (milestone.forecast_date() == date) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, reason));
  GREFFE_RETURN_IF_ERROR(MoveDate(milestone, v1::DATE_KIND_FORECAST, date, std::move(change)));
  transaction.SetSubject(date.empty() ? "Take back the forecast of milestone " + id
                                      : "Forecast milestone " + id + " for " + date);
  transaction.SetBody(reason);
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status AchieveMilestone(Transaction& transaction, const std::string& id, const std::string& date,
                              const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(v1::Milestone milestone,
                          Settle(transaction, id, v1::MILESTONE_STATE_ACHIEVED, comment, "Achieve"));
  GREFFE_ASSIGN_OR_RETURN(const std::string day, PastDay(transaction, date, "actual_date"));
  GREFFE_RETURN_IF_ERROR(CheckGatesPassed(transaction, milestone));
  GREFFE_ASSIGN_OR_RETURN(v1::DateChange change, DateChangeByCaller(transaction, comment));
  GREFFE_RETURN_IF_ERROR(MoveDate(milestone, v1::DATE_KIND_ACTUAL, day, std::move(change)));
  GREFFE_RETURN_IF_ERROR(EnterStage(transaction, milestone.next_stage()));
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status MissMilestone(Transaction& transaction, const std::string& id, const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Milestone milestone,
                          Settle(transaction, id, v1::MILESTONE_STATE_MISSED, comment, "Miss"));
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status CancelMilestone(Transaction& transaction, const std::string& id, const std::string& comment) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Milestone milestone,
                          Settle(transaction, id, v1::MILESTONE_STATE_CANCELLED, comment, "Cancel"));
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status AddGate(Transaction& transaction, const v1::Deliverable& deliverable) {
  if (deliverable.milestone().empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(v1::Milestone milestone, MilestoneOf(transaction, deliverable));
  GREFFE_RETURN_IF_ERROR(CheckNotClosed(milestone));
  const auto& gates = milestone.gates();
  if (std::find(gates.begin(), gates.end(), deliverable.name()) != gates.end()) return absl::OkStatus();
  if (gates.size() >= kMaxGates) {
    return Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_GATES",
                 absl::StrCat("'", milestone.name(), "' waits for ", gates.size(), " already; more are not allowed"),
                 {{"resource", milestone.name()}});
  }
  milestone.add_gates(deliverable.name());
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status RemoveGate(Transaction& transaction, const v1::Deliverable& deliverable) {
  if (deliverable.milestone().empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(v1::Milestone milestone, MilestoneOf(transaction, deliverable));
  auto& gates = *milestone.mutable_gates();
  const auto gate = std::find(gates.begin(), gates.end(), deliverable.name());
  // What an achieved one waited for is history.
  if (gate == gates.end() || !IsOpen(milestone)) return absl::OkStatus();
  gates.erase(gate);
  transaction.PutRecord(milestone);
  return absl::OkStatus();
}

absl::Status CheckPlannedBeforeMilestone(Transaction& transaction, const v1::Deliverable& deliverable) {
  if (deliverable.milestone().empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const v1::Milestone milestone, MilestoneOf(transaction, deliverable));
  return CheckPlannedOrder(deliverable.name(), deliverable.planned_date(), milestone.name(), milestone.planned_date());
}

}  // namespace greffe
