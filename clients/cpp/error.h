// Errors: an absl::Status that still carries what the server said about it (AIP-193).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace greffe::client {

struct FieldViolation {
  std::string field;  // path of the request's field
  std::string description;
};

// What the server says of an error beyond code and message. All empty when the error did not come from a Greffe server.
struct ErrorDetails {
  std::string reason;  // UPPER_SNAKE_CASE, part of the contract
  std::string domain;
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
};

// The details of a status made by FromGrpc or MakeError.
ErrorDetails DetailsOf(const absl::Status& status);

// DetailsOf(status).reason.
std::string ReasonOf(const absl::Status& status);

// A status with reason and metadata of the client's own making, in the domain "greffe". What of the metadata is not
// UTF-8 is replaced by U+FFFD; the message keeps its bytes.
absl::Status MakeError(absl::StatusCode code, const std::string& reason, const std::string& message,
                       const std::map<std::string, std::string>& metadata = {});

// errno as a status: ENOENT NOT_FOUND (LOCAL_FILE_NOT_FOUND), others FAILED_PRECONDITION (LOCAL_FILE_ERROR); the
// metadata have its `path` and, of the others, the number (`errno`). Never UNAVAILABLE: that is the server's.
absl::Status FromErrno(int error, const std::string& action, const std::string& path);

// The same code, message and details.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace greffe::client
