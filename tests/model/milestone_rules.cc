// Rules of what plans and settles milestones.
#include <algorithm>

#include "tests/model/draft.h"
#include "tests/model/plan_draft.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

const std::set<std::string>& Fields() {
  static const std::set<std::string> fields = {"title", "description", "responsible", "stage", "next_stage", "gates"};
  return fields;
}

// Whether the milestone would wait for itself.
bool IsInCycle(const PlanDraft& draft, const v1::Milestone& start) {
  std::set<std::string> seen;
  std::vector<std::string> ahead(start.gates().begin(), start.gates().end());
  while (!ahead.empty()) {
    const std::string name = ahead.back();
    ahead.pop_back();
    if (name == start.name()) return true;
    const auto* gate = draft.Find<v1::Milestone>(name);
    if (gate != nullptr && seen.insert(name).second)
      ahead.insert(ahead.end(), gate->gates().begin(), gate->gates().end());
  }
  return false;
}

void CheckValues(const PlanDraft& draft, const v1::Milestone& milestone, Refusals& refusals) {
  CheckTitle(milestone.title(), refusals);
  if (!milestone.responsible().empty()) CheckPerson(milestone.responsible(), refusals);
  if (!IsDay(milestone.planned_date()) || !IsDay(milestone.forecast_date())) {
    refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  }
  std::set<std::string> seen;
  for (const std::string& gate : milestone.gates()) {
    if (!seen.insert(gate).second) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
    if (!draft.IsNameOf<v1::Milestone>(gate) && !draft.IsNameOf<v1::Deliverable>(gate)) {
      refusals.insert("INVALID_ARGUMENT NAME_INVALID");
    } else if (gate != milestone.name() && draft.Find(gate) == nullptr) {
      refusals.insert("NOT_FOUND RECORD_NOT_FOUND");
    }
  }
  if (IsInCycle(draft, milestone)) refusals.insert("FAILED_PRECONDITION GATE_CYCLE");
}

// What is due here, and the gates that are milestones, must not be planned later; nor this one later than what waits
// for it.
void CheckOrder(const PlanDraft& draft, const v1::Milestone& milestone, Refusals& refusals) {
  const auto check = [&](const std::string& first, const std::string& then) {
    if (!first.empty() && !then.empty() && first > then) refusals.insert("FAILED_PRECONDITION DATES_OUT_OF_ORDER");
  };
  for (const auto* due : draft.moment().All<v1::Deliverable>()) {
    if (due->milestone() == milestone.name() && IsOpen(*due)) check(due->planned_date(), milestone.planned_date());
  }
  for (const std::string& name : milestone.gates()) {
    const auto* gate = draft.Find<v1::Milestone>(name);
    if (gate != nullptr && IsOpen(*gate)) check(gate->planned_date(), milestone.planned_date());
  }
  for (const auto* then : draft.moment().All<v1::Milestone>()) {
    const bool waits = std::find(then->gates().begin(), then->gates().end(), milestone.name()) != then->gates().end();
    if (waits && IsOpen(*then)) check(milestone.planned_date(), then->planned_date());
  }
}

Expected Answered(const PlanDraft& draft, const std::string& name, Refusals refusals) {
  return Answer<v1::Milestone>(draft, name, std::move(refusals));
}

Expected CreateMilestone(const Moment& moment, const v1::CreateMilestoneRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  v1::Milestone milestone = request.milestone();
  milestone.set_name(draft.NewName<v1::Milestone>("MST", request.milestone_id(), refusals));
  if (milestone.name().empty()) return Expected::Refused(std::move(refusals));
  milestone.clear_actual_date();
  milestone.clear_slips();
  milestone.clear_outcome();
  milestone.set_state(v1::MILESTONE_STATE_PLANNED);
  CheckValues(draft, milestone, refusals);
  CheckOrder(draft, milestone, refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  milestone.clear_forecast_date();
  MoveDate(milestone, v1::DATE_KIND_FORECAST, request.milestone().forecast_date(), draft.By(""));
  draft.Put(milestone);
  return Answered(draft, milestone.name(), {});
}

Expected UpdateMilestone(const Moment& moment, const v1::UpdateMilestoneRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  const v1::Milestone& values = request.milestone();
  const auto* before = draft.Open<v1::Milestone>(values.name(), values.etag(), refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  v1::Milestone milestone = *before;
  ReplaceFields(request.update_mask(), Fields(), values, milestone, refusals);
  if (BytesOf(milestone) == BytesOf(*before)) return Answered(draft, milestone.name(), std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION MILESTONE_CLOSED");
  CheckValues(draft, milestone, refusals);
  CheckOrder(draft, milestone, refusals);
  draft.Put(milestone);
  return Answered(draft, milestone.name(), std::move(refusals));
}

Expected PlanMilestone(const Moment& moment, const v1::PlanMilestoneRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (request.planned_date().empty() || !IsDay(request.planned_date())) {
    refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  }
  const auto* before = draft.Open<v1::Milestone>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION MILESTONE_CLOSED");
  if (before->planned_date() == request.planned_date() || !refusals.empty()) {
    return Answered(draft, before->name(), std::move(refusals));
  }
  v1::Milestone milestone = *before;
  MoveDate(milestone, v1::DATE_KIND_PLANNED, request.planned_date(), draft.By(request.reason()));
  CheckOrder(draft, milestone, refusals);
  draft.Put(milestone);
  return Answered(draft, milestone.name(), std::move(refusals));
}

Expected ForecastMilestone(const Moment& moment, const v1::ForecastMilestoneRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (!IsDay(request.forecast_date())) refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  const auto* before = draft.Open<v1::Milestone>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION MILESTONE_CLOSED");
  if (before->forecast_date() == request.forecast_date() || !refusals.empty()) {
    return Answered(draft, before->name(), std::move(refusals));
  }
  v1::Milestone milestone = *before;
  MoveDate(milestone, v1::DATE_KIND_FORECAST, request.forecast_date(), draft.By(request.reason()));
  draft.Put(milestone);
  return Answered(draft, milestone.name(), {});
}

bool IsPassed(const PlanDraft& draft, const std::string& name) {
  if (const auto* gate = draft.Find<v1::Milestone>(name)) return gate->state() == v1::MILESTONE_STATE_ACHIEVED;
  return IsAccepted(*draft.Find<v1::Deliverable>(name));
}

Expected AchieveMilestone(const Moment& moment, const v1::AchieveMilestoneRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  CheckPastDay(request.actual_date(), refusals);
  const auto* before = draft.Open<v1::Milestone>(request.name(), "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (!IsOpen(*before)) refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  const auto& gates = before->gates();
  if (!std::all_of(gates.begin(), gates.end(), [&](const std::string& gate) { return IsPassed(draft, gate); })) {
    refusals.insert("FAILED_PRECONDITION GATES_OPEN");
  }
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  v1::Milestone milestone = *before;
  milestone.set_state(v1::MILESTONE_STATE_ACHIEVED);
  milestone.set_outcome(request.comment());
  MoveDate(milestone, v1::DATE_KIND_ACTUAL, draft.DayOr(request.actual_date()), draft.By(request.comment()));
  draft.EnterStage(milestone.next_stage());
  draft.Put(milestone);
  return Answered(draft, milestone.name(), {});
}

// Ends it without an achievement, from one of these states.
Expected GiveUp(const Moment& moment, const std::string& name, const std::string& comment, v1::MilestoneState state,
                const std::set<v1::MilestoneState>& from, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (comment.empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  const auto* before = draft.Open<v1::Milestone>(name, "", refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (!from.contains(before->state())) refusals.insert("FAILED_PRECONDITION TRANSITION_NOT_ALLOWED");
  v1::Milestone milestone = *before;
  milestone.set_state(state);
  milestone.set_outcome(comment);
  draft.Put(milestone);
  return Answered(draft, name, std::move(refusals));
}

Expected MissMilestone(const Moment& moment, const v1::MissMilestoneRequest& request, const Made* made) {
  return GiveUp(moment, request.name(), request.comment(), v1::MILESTONE_STATE_MISSED, {v1::MILESTONE_STATE_PLANNED},
                made);
}

Expected CancelMilestone(const Moment& moment, const v1::CancelMilestoneRequest& request, const Made* made) {
  return GiveUp(moment, request.name(), request.comment(), v1::MILESTONE_STATE_CANCELLED,
                {v1::MILESTONE_STATE_PLANNED, v1::MILESTONE_STATE_MISSED}, made);
}

}  // namespace

void AddMilestoneRules(Rules& rules) {
  rules.Add<v1::CreateMilestoneRequest>(CreateMilestone);
  rules.Add<v1::UpdateMilestoneRequest>(UpdateMilestone);
  rules.Add<v1::PlanMilestoneRequest>(PlanMilestone);
  rules.Add<v1::ForecastMilestoneRequest>(ForecastMilestone);
  rules.Add<v1::AchieveMilestoneRequest>(AchieveMilestone);
  rules.Add<v1::MissMilestoneRequest>(MissMilestone);
  rules.Add<v1::CancelMilestoneRequest>(CancelMilestone);
}

}  // namespace greffe::model
