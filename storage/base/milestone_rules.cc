#include "storage/base/milestone_rules.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "greffe/v1/deliverables.pb.h"
#include "storage/base/civil_date.h"
#include "storage/base/due_dates.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_kinds.h"
#include "storage/base/state_change.h"

namespace greffe {
namespace {

absl::Status ValidateGates(const v1::Milestone& milestone, const std::string& project, const std::string& field) {
  if (milestone.gates_size() > kMaxGates) {
    return InvalidField(field, "FIELD_INVALID",
                        absl::StrCat(milestone.gates_size(), " of them; at most ", kMaxGates, " are allowed"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < milestone.gates_size(); ++i) {
    const std::string place = absl::StrCat(field, "[", i, "]");
    const std::string& gate = milestone.gates(i);
    absl::StatusOr<RecordName> name = ParseRecordName(KindOf<v1::Deliverable>(), gate, place);
    if (!name.ok()) name = ParseRecordName(KindOf<v1::Milestone>(), gate, place);
    if (!name.ok() || name->project != project) {
      return InvalidField(place, "NAME_INVALID",
                          "'" + gate.substr(0, 200) + "': expected a deliverable or a milestone of this project");
    }
    if (!seen.insert(gate).second) return InvalidField(place, "FIELD_INVALID", "'" + gate + "': is there twice");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateMilestone(const v1::Milestone& milestone, const std::string& project, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(milestone.title(), field + ".title", 1, 200));
  GREFFE_RETURN_IF_ERROR(ValidateText(milestone.description(), field + ".description", 0, 10'000, true));
  if (!milestone.responsible().empty()) {
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(milestone.responsible(), field + ".responsible"));
  }
  GREFFE_RETURN_IF_ERROR(ValidateText(milestone.stage(), field + ".stage", 0, 64));
  GREFFE_RETURN_IF_ERROR(ValidateText(milestone.next_stage(), field + ".next_stage", 0, 64));
  GREFFE_RETURN_IF_ERROR(ValidateDate(milestone.planned_date(), field + ".planned_date"));
  GREFFE_RETURN_IF_ERROR(ValidateDate(milestone.forecast_date(), field + ".forecast_date"));
  return ValidateGates(milestone, project, field + ".gates");
}

bool IsOpen(const v1::Milestone& milestone) {
  return milestone.state() == v1::MILESTONE_STATE_PLANNED || milestone.state() == v1::MILESTONE_STATE_MISSED;
}

absl::Status CheckTransition(const v1::Milestone& milestone, v1::MilestoneState to) {
  std::vector<int> allowed;
  if (IsOpen(milestone)) allowed.push_back(v1::MILESTONE_STATE_ACHIEVED);
  if (milestone.state() == v1::MILESTONE_STATE_PLANNED) allowed.push_back(v1::MILESTONE_STATE_MISSED);
  if (IsOpen(milestone)) allowed.push_back(v1::MILESTONE_STATE_CANCELLED);
  return CheckStateChange(milestone.name(), *v1::MilestoneState_descriptor(), milestone.state(), to, allowed);
}

void ComputeMilestone(google::protobuf::Message& record) {
  auto& milestone = static_cast<v1::Milestone&>(record);
  ComputeDueDates(milestone, milestone.state() == v1::MILESTONE_STATE_PLANNED);
}

}  // namespace greffe
