// The one place where absl::Status becomes grpc::Status with google.rpc details (AIP-193).
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace greffe {

// Files below the data directory are named relative to it.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Where the data directory lies is none of a caller's business; the log keeps whole paths. Before the first call of
// ToGrpcStatus.
void HideDataDirectory(std::string directory);

}  // namespace greffe
