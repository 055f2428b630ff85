// The one place where absl::Status becomes grpc::Status with google.rpc details (AIP-193).
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace greffe {

// Texts are as TextForCallers gives them. What does not fit into the trailers that a client takes by itself (8 KiB) is
// cut; the reason stays, and of the field as much as no honest one has.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Files below the data directory are named relative to it.
std::string TextForCallers(std::string_view text);

// Where the data directory lies is none of a caller's business; the log keeps whole paths. Before the first of
// these calls.
void HideDataDirectory(std::string directory);

}  // namespace greffe
