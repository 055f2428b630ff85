// Who calls: the one place where an identity comes from the transport.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

#include "absl/status/statusor.h"
#include "greffe/v1/common.pb.h"

namespace greffe {

// A user of the operating system by its passwd entry. Others write that, in whatever encoding: the first part of
// `gecos`, up to a comma, is the display name where it can be one, and the login name otherwise; a login name that is
// no principal id gives `uid-<uid>`.
v1::Principal PrincipalOfUser(const std::string& login, const std::string& gecos, unsigned uid);

// On loopback without authentication the caller says who it is: metadata `greffe-principal` (a principal id)
// or, where that is not ASCII, `greffe-principal-bin` (UTF-8); and `greffe-principal-name-bin` (UTF-8). Without them it
// is the operating system's user that runs the server. INVALID_ARGUMENT when they are no principal.
absl::StatusOr<v1::Principal> CallerOf(const grpc::CallbackServerContext& context);

}  // namespace greffe
