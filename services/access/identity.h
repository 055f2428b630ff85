// Who calls: the one place where an identity comes from the transport.
#pragma once

#include <grpcpp/server_context.h>

#include "absl/status/statusor.h"
#include "greffe/v1/common.pb.h"

namespace greffe {

// On loopback without authentication the caller says who it is: metadata `greffe-principal` (a principal id)
// or, where that is not ASCII, `greffe-principal-bin` (UTF-8); and `greffe-principal-name-bin` (UTF-8). Without them it
// is the operating system's user that runs the server. INVALID_ARGUMENT when they are no principal.
absl::StatusOr<v1::Principal> CallerOf(const grpc::CallbackServerContext& context);

}  // namespace greffe
