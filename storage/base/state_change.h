// Transitions between the states of a record.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"

namespace greffe {

// OK when `to` is among `allowed`, the states that may follow `from`. FAILED_PRECONDITION (TRANSITION_NOT_ALLOWED)
// whose metadata have `resource`, `state` and the `allowed` states, by their short names.
absl::Status CheckStateChange(const std::string& resource, const google::protobuf::EnumDescriptor& type, int from,
                              int to, const std::vector<int>& allowed);

}  // namespace greffe
