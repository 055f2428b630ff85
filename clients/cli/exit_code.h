// What the program says of an error: to the shell, and to people.
#pragma once

#include "absl/status/status.h"
#include "clients/cli/session.h"

namespace greffe::cli {

// Exit codes; part of the program's contract.
inline constexpr int kExitOk = 0;
inline constexpr int kExitOther = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotFound = 3;
inline constexpr int kExitConflict = 4;
inline constexpr int kExitDenied = 5;
inline constexpr int kExitUnavailable = 6;

int ExitCodeOf(const absl::Status& status);

// Writes an error to the error stream: as text, or as one line of JSON
// {"error": {"code", "message", "reason", "metadata", "fieldViolations"}}.
void PrintError(Session& session, const absl::Status& status);

}  // namespace greffe::cli
