// Errors that a client can branch on: an absl::Status that carries google.rpc details (AIP-193).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace greffe {

using ErrorMetadata = std::vector<std::pair<std::string, std::string>>;

// A status with google.rpc.ErrorInfo: domain "greffe", `reason` in UPPER_SNAKE_CASE (part of the contract), `metadata`.
// `message` is lower case, factual, quotes values.
absl::Status Error(absl::StatusCode code, const std::string& reason, const std::string& message,
                   const ErrorMetadata& metadata = {});

// INVALID_ARGUMENT with ErrorInfo and google.rpc.BadRequest: `field` is the path of the request's field
// ("item.main_file.data"), `description` says what is wrong with its value, which it quotes.
absl::Status InvalidField(const std::string& field, const std::string& reason, const std::string& description,
                          const ErrorMetadata& metadata = {});

// The reason of a status made by these; "" for any other.
std::string ReasonOf(const absl::Status& status);

// The metadata value of a status made by these; "" when there is none.
std::string ErrorMetadataOf(const absl::Status& status, const std::string& key);

// The same status with `prefix` before the path of each field violation: a nested message's validator does not know
// where it lies.
absl::Status WithFieldPrefix(const absl::Status& status, const std::string& prefix);

// Damage of stored data: DATA_LOSS (DATA_DAMAGED) naming the file or object and what was found.
absl::Status Damaged(const std::string& what, const std::string& finding);

// errno as a status: ENOENT NOT_FOUND (FILE_NOT_FOUND), ENOSPC and EDQUOT RESOURCE_EXHAUSTED (DISK_FULL), EMFILE,
// ENFILE and ENOMEM UNAVAILABLE (SYSTEM_LIMIT), others UNAVAILABLE (IO_ERROR); names the file, also as metadata `path`.
absl::Status FromErrno(int error, const std::string& action, const std::string& path);

}  // namespace greffe

// Returns the status when it is not OK.
#define GREFFE_RETURN_IF_ERROR(expression)                                                       \
  do {                                                                                           \
    if (absl::Status greffe_status_ = (expression); !greffe_status_.ok()) return greffe_status_; \
  } while (false)

#define GREFFE_CONCAT_INNER_(a, b) a##b
#define GREFFE_CONCAT_(a, b) GREFFE_CONCAT_INNER_(a, b)
#define GREFFE_ASSIGN_OR_RETURN_IMPL_(result, target, expression) \
  auto result = (expression);                                     \
  if (!result.ok()) return result.status();                       \
  target = *std::move(result)

// Assigns the value of a StatusOr, or returns its status.
#define GREFFE_ASSIGN_OR_RETURN(target, expression) \
  GREFFE_ASSIGN_OR_RETURN_IMPL_(GREFFE_CONCAT_(greffe_result_, __LINE__), target, expression)
