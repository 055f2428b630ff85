// What differs between two versions.
#pragma once

#include "absl/status/status.h"
#include "greffe/v1/versions.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Reads contents from disk.
absl::Status CompareVersions(const Store& store, const CallLimits& limits, const v1::CompareVersionsRequest& request,
                             v1::CompareVersionsResponse& response);

}  // namespace greffe
