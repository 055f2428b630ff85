// Whole files of the caller's.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace greffe::cli {

// The bytes of a local file or pipe; `-`: of standard input. NOT_FOUND (LOCAL_FILE_NOT_FOUND), FAILED_PRECONDITION
// (LOCAL_FILE_ERROR), as of a folder or a disk that fails in the middle.
absl::StatusOr<std::string> ReadInput(const std::string& path);

// Its first line alone, without the line feed. INVALID_ARGUMENT (FILE_INVALID) when that is empty.
absl::StatusOr<std::string> ReadFirstLine(const std::string& path);

}  // namespace greffe::cli
