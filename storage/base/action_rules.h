// What actions may be. Functions of the messages alone.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "greffe/v1/actions.pb.h"

namespace greffe {

// The fields that callers set. INVALID_ARGUMENT naming the field below `field`.
absl::Status ValidateAction(const v1::Action& action, const std::string& field);

bool IsOpen(const v1::Action& action);

// FAILED_PRECONDITION (TRANSITION_NOT_ALLOWED); see CheckStateChange.
absl::Status CheckTransition(const v1::Action& action, v1::ActionState to);

// RecordKind::compute of actions.
void ComputeAction(google::protobuf::Message& record);

}  // namespace greffe
