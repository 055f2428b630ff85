// The text diff of two files of a project, within the server's limits.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/versions.pb.h"
#include "services/call/runtime.h"

namespace greffe {

inline constexpr int kDefaultContextLines = 3;
// INVALID_ARGUMENT naming `context_lines` outside of 0 to 100.
absl::Status ValidateContextLines(int context_lines);

// What an answer takes beside its messages and the diffs in them.
inline constexpr std::int64_t kBytesBesideDiffs = 64 << 10;

struct NamedFile {
  const v1::File& file;
  const std::string& name;  // for the diff's header
};

struct FileDifference {
  std::string unified;  // "" when they are equal, or it is left out
  v1::DiffOmitted omitted = v1::DIFF_OMITTED_UNSPECIFIED;
  std::int64_t lines_added = 0;
  std::int64_t lines_removed = 0;
};

// So many bytes CompareFiles reads of the two.
std::int64_t BytesToCompare(const CallLimits& limits, const v1::File& base, const v1::File& target);

// Reads both, unless they are equal or too large: not for gRPC's threads.
absl::StatusOr<FileDifference> CompareFiles(const Store& store, const CallLimits& limits, const std::string& project,
                                            const NamedFile& base, const NamedFile& target, int context_lines);

}  // namespace greffe
