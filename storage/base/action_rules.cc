#include "storage/base/action_rules.h"

#include <vector>

#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/state_change.h"

namespace greffe {

absl::Status ValidateAction(const v1::Action& action, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(action.title(), field + ".title", 1, 500));
  GREFFE_RETURN_IF_ERROR(ValidateText(action.description(), field + ".description", 0, 10'000, true));
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(action.owner(), field + ".owner"));
  return ValidateDate(action.due_date(), field + ".due_date");
}

bool IsOpen(const v1::Action& action) {
  return action.state() == v1::ACTION_STATE_OPEN || action.state() == v1::ACTION_STATE_IN_PROGRESS;
}

absl::Status CheckTransition(const v1::Action& action, v1::ActionState to) {
  std::vector<int> allowed;
  if (action.state() == v1::ACTION_STATE_OPEN) allowed.push_back(v1::ACTION_STATE_IN_PROGRESS);
  if (IsOpen(action)) allowed.insert(allowed.end(), {v1::ACTION_STATE_DONE, v1::ACTION_STATE_CANCELLED});
  return CheckStateChange(action.name(), *v1::ActionState_descriptor(), action.state(), to, allowed);
}

void ComputeAction(google::protobuf::Message& record) {
  auto& action = static_cast<v1::Action&>(record);
  action.set_open_due_date(IsOpen(action) ? action.due_date() : std::string());
}

}  // namespace greffe
