// What entries of registers may be and become: functions of the messages alone, driven by the options of their fields
// (ValueRule) and states (StatePolicy).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "greffe/v1/annotations.pb.h"
#include "greffe/v1/budget_lines.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/attribute_rules.h"

namespace greffe {

// Every rule that needs no other resource. INVALID_ARGUMENT naming the field below `field`. Of the attributes by what
// the entry carried `before`, and by who says what it carries; see ValidateAttributes.
absl::Status ValidateEntry(const v1::Project& project, const google::protobuf::Message& entry, const Attributes& before,
                           SaidBy said_by, const std::string& field);

// Fields that callers change: those without a behavior.
std::vector<std::string> UpdatableFields(const google::protobuf::Descriptor& entry);

// Names of resources of the project that the entry holds in fields that say so, by field.
struct NamedResource {
  std::string field;
  std::string name;
};
std::vector<NamedResource> ResourcesOf(const google::protobuf::Message& entry);

// The state that entries begin in, or none may be open.
void SetFirstState(google::protobuf::Message& entry);
// Whether nothing is left to be done about it.
bool IsClosed(const google::protobuf::Message& entry);
// Puts the entry into the state of that short name. INVALID_ARGUMENT naming "state" when there is none, "comment" when
// one is wanted; FAILED_PRECONDITION (TRANSITION_NOT_ALLOWED), see CheckStateChange.
absl::Status ChangeState(google::protobuf::Message& entry, std::string_view state, const std::string& comment);

// The states that lead from the entry's to `state` by allowed transitions, the fewest there are, that one last; empty
// when it has that one already, or none lead there.
std::vector<std::string> StatesOnTheWay(const google::protobuf::Message& entry, std::string_view state);

// RecordKind::compute of all registers.
void ComputeEntry(google::protobuf::Message& entry);

// The parts of an earned value analysis of a line on a day, in the smallest unit of its currency.
struct EarnedValue {
  std::int64_t budget = 0;         // at completion
  std::int64_t planned_value = 0;  // of the day; 0 without both dates: nothing is scheduled
  std::int64_t earned_value = 0;
  std::int64_t scheduled_earned_value = 0;  // what is held against planned_value; 0 without both dates
  std::int64_t actual_cost = 0;
  std::int64_t committed = 0;
  std::int64_t forecast = 0;  // at completion
};
// The part of a budget that has gone by on `day`, in equal parts a day from `start_date` to `end_date`, towards 0.
std::int64_t PlannedValue(std::int64_t budget, const std::string& start_date, const std::string& end_date,
                          const std::string& day);
EarnedValue EarnedValueOf(const v1::BudgetLine& line, const std::string& day);

}  // namespace greffe
