// Rules of what plans deliverables, begins and closes them.
#include <algorithm>

#include "tests/model/draft.h"
#include "tests/model/plan_draft.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

const std::set<std::string>& Fields() {
  static const std::set<std::string> fields = {
      "title", "description", "acceptance_criteria", "responsible", "acceptor", "milestone", "documents"};
  return fields;
}

void CheckDocuments(const PlanDraft& draft, const v1::Deliverable& deliverable, Refusals& refusals) {
  const std::string parent = "projects/" + draft.moment().project().id() + "/documents/";
  std::set<std::string> seen;
  for (const std::string& document : deliverable.documents()) {
    if (!seen.insert(document).second) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
    if (!document.starts_with(parent)) {
      refusals.insert("INVALID_ARGUMENT NAME_INVALID");
    } else if (draft.moment().Find<v1::Document>(document) == nullptr) {
      refusals.insert("NOT_FOUND DOCUMENT_NOT_FOUND");
    }
  }
}

void CheckPlannedBeforeMilestone(const PlanDraft& draft, const v1::Deliverable& deliverable, Refusals& refusals) {
  const auto* milestone = draft.Find<v1::Milestone>(deliverable.milestone());
  if (milestone == nullptr || milestone->planned_date().empty()) return;
  if (deliverable.planned_date() > milestone->planned_date()) {
    refusals.insert("FAILED_PRECONDITION DATES_OUT_OF_ORDER");
  }
}

void CheckValues(const PlanDraft& draft, const v1::Deliverable& deliverable, Refusals& refusals) {
  CheckTitle(deliverable.title(), refusals);
  CheckPerson(deliverable.responsible(), refusals);
  if (!deliverable.acceptor().empty()) CheckPerson(deliverable.acceptor(), refusals);
  for (const std::string& criterion : deliverable.acceptance_criteria()) {
    if (criterion.empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  }
  if (!IsDay(deliverable.planned_date()) || !IsDay(deliverable.forecast_date())) {
    refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  }
  CheckDocuments(draft, deliverable, refusals);
  const std::string& milestone = deliverable.milestone();
  if (milestone.empty()) return;
  if (!draft.IsNameOf<v1::Milestone>(milestone)) {
    refusals.insert("INVALID_ARGUMENT NAME_INVALID");
  } else if (draft.Find(milestone) == nullptr) {
    refusals.insert("NOT_FOUND RECORD_NOT_FOUND");
  }
}

// The milestone that the deliverable comes to name waits for it.
void AddGate(PlanDraft& draft, const v1::Deliverable& deliverable, Refusals& refusals) {
  const auto* found = draft.Find<v1::Milestone>(deliverable.milestone());
  if (found == nullptr) return;
  if (!IsOpen(*found)) refusals.insert("FAILED_PRECONDITION MILESTONE_CLOSED");
  const auto& gates = found->gates();
  if (std::find(gates.begin(), gates.end(), deliverable.name()) != gates.end()) return;
  v1::Milestone milestone = *found;
  milestone.add_gates(deliverable.name());
  draft.Put(milestone);
}

// The one that it does not name any more does not, unless that is settled already.
void RemoveGate(PlanDraft& draft, const v1::Deliverable& deliverable) {
  const auto* found = draft.Find<v1::Milestone>(deliverable.milestone());
  if (found == nullptr || !IsOpen(*found)) return;
  v1::Milestone milestone = *found;
  auto& gates = *milestone.mutable_gates();
  const auto gate = std::find(gates.begin(), gates.end(), deliverable.name());
  if (gate == gates.end()) return;
  gates.erase(gate);
  draft.Put(milestone);
}

Expected Answered(const PlanDraft& draft, const std::string& name, Refusals refusals) {
  return Answer<v1::Deliverable>(draft, name, std::move(refusals));
}

Expected CreateDeliverable(const Moment& moment, const v1::CreateDeliverableRequest& request, const std::string& caller,
                           const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  v1::Deliverable deliverable = request.deliverable();
  deliverable.set_name(draft.NewName<v1::Deliverable>("DLV", request.deliverable_id(), refusals));
  if (deliverable.name().empty()) return Expected::Refused(std::move(refusals));
  if (deliverable.responsible().empty()) deliverable.set_responsible(caller);
  deliverable.set_state(v1::DELIVERABLE_STATE_PLANNED);
  deliverable.clear_actual_date();
  deliverable.clear_slips();
  deliverable.clear_submissions();
  deliverable.clear_closing_comment();
  CheckValues(draft, deliverable, refusals);
  CheckPlannedBeforeMilestone(draft, deliverable, refusals);
  AddGate(draft, deliverable, refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  deliverable.clear_forecast_date();
  MoveDate(deliverable, v1::DATE_KIND_FORECAST, request.deliverable().forecast_date(), draft.By(""));
  draft.Put(deliverable);
  return Answered(draft, deliverable.name(), {});
}

template <typename List>
bool Same(const List& a, const List& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

Expected UpdateDeliverable(const Moment& moment, const v1::UpdateDeliverableRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  const v1::Deliverable& values = request.deliverable();
  const auto* before = draft.Open<v1::Deliverable>(values.name(), values.etag(), refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  v1::Deliverable deliverable = *before;
  ReplaceFields(request.update_mask(), Fields(), values, deliverable, refusals);
  if (BytesOf(deliverable) == BytesOf(*before)) return Answered(draft, deliverable.name(), std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION DELIVERABLE_CLOSED");
  const bool same = Same(deliverable.documents(), before->documents()) &&
                    Same(deliverable.acceptance_criteria(), before->acceptance_criteria());
  if (before->state() == v1::DELIVERABLE_STATE_SUBMITTED && !same) {
    refusals.insert("FAILED_PRECONDITION SUBMISSION_OPEN");
  }
  CheckValues(draft, deliverable, refusals);
  if (deliverable.milestone() != before->milestone()) {
    CheckPlannedBeforeMilestone(draft, deliverable, refusals);
    RemoveGate(draft, *before);
    AddGate(draft, deliverable, refusals);
  }
  draft.Put(deliverable);
  return Answered(draft, deliverable.name(), std::move(refusals));
}

Expected PlanDeliverable(const Moment& moment, const v1::PlanDeliverableRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (request.planned_date().empty() || !IsDay(request.planned_date())) {
    refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  }
  const auto* before = draft.Open<v1::Deliverable>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION DELIVERABLE_CLOSED");
  if (before->planned_date() == request.planned_date() || !refusals.empty()) {
    return Answered(draft, before->name(), std::move(refusals));
  }
  v1::Deliverable deliverable = *before;
  MoveDate(deliverable, v1::DATE_KIND_PLANNED, request.planned_date(), draft.By(request.reason()));
  CheckPlannedBeforeMilestone(draft, deliverable, refusals);
  draft.Put(deliverable);
  return Answered(draft, deliverable.name(), std::move(refusals));
}

Expected ForecastDeliverable(const Moment& moment, const v1::ForecastDeliverableRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (!IsDay(request.forecast_date())) refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  const auto* before = draft.Open<v1::Deliverable>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION DELIVERABLE_CLOSED");
  if (before->forecast_date() == request.forecast_date() || !refusals.empty()) {
    return Answered(draft, before->name(), std::move(refusals));
  }
  v1::Deliverable deliverable = *before;
  MoveDate(deliverable, v1::DATE_KIND_FORECAST, request.forecast_date(), draft.By(request.reason()));
  draft.Put(deliverable);
  return Answered(draft, deliverable.name(), {});
}

Expected StartDeliverable(const Moment& moment, const v1::StartDeliverableRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  const auto* before = draft.Open<v1::Deliverable>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (before->state() != v1::DELIVERABLE_STATE_PLANNED && before->state() != v1::DELIVERABLE_STATE_REJECTED) {
    refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  }
  v1::Deliverable deliverable = *before;
  deliverable.set_state(v1::DELIVERABLE_STATE_IN_PROGRESS);
  draft.Put(deliverable);
  return Answered(draft, deliverable.name(), std::move(refusals));
}

Expected ArchiveDeliverable(const Moment& moment, const v1::ArchiveDeliverableRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  const auto* before = draft.Open<v1::Deliverable>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  const auto state = before->state();
  if (state == v1::DELIVERABLE_STATE_SUBMITTED || state == v1::DELIVERABLE_STATE_ARCHIVED) {
    refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  }
  if (!IsAccepted(*before) && request.comment().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  v1::Deliverable deliverable = *before;
  deliverable.set_state(v1::DELIVERABLE_STATE_ARCHIVED);
  deliverable.set_closing_comment(request.comment());
  draft.Put(deliverable);
  return Answered(draft, deliverable.name(), std::move(refusals));
}

}  // namespace

void AddDeliverableRules(Rules& rules) {
  rules.AddByCaller<v1::CreateDeliverableRequest>(CreateDeliverable);
  rules.Add<v1::UpdateDeliverableRequest>(UpdateDeliverable);
  rules.Add<v1::PlanDeliverableRequest>(PlanDeliverable);
  rules.Add<v1::ForecastDeliverableRequest>(ForecastDeliverable);
  rules.Add<v1::StartDeliverableRequest>(StartDeliverable);
  rules.Add<v1::ArchiveDeliverableRequest>(ArchiveDeliverable);
}

}  // namespace greffe::model
