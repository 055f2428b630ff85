// The one place where absl::Status becomes grpc::Status with google.rpc details (AIP-193).
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace greffe {

grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace greffe
