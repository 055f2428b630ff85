// The data directory as a whole: one server at a time, one layout.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/durable_file.h"

namespace greffe {

// Number of the data directory's layout as a whole, in `<data>/format`.
inline constexpr int kDataFormat = 1;

// A file of this name stands in a data directory whose copy was not finished (backup.h).
inline constexpr char kUnfinishedCopy[] = "UNFINISHED_COPY";

// Makes the directory when it is not there, for its owner alone (0700), and holds its lock until the handle goes.
// FAILED_PRECONDITION: DATA_DIRECTORY_LOCKED (naming the holder's process), DATA_FORMAT_NEWER, DATA_COPY_UNFINISHED
// (unless `unfinished`, for who copies into it); nothing is touched then. `unfinished`: one that is new is marked as
// such, and `made` (nullptr: nobody asks) is set.
absl::StatusOr<FileHandle> TakeDataDirectory(const std::string& directory, bool unfinished = false,
                                             bool* made = nullptr);

// The index that is made beside the one of a data directory, to be compared with it, for as long as that takes.
inline constexpr char kIndexBeside[] = "/index.verify";
// Also what a process left that was killed at it: as large as the index, and nobody's.
absl::Status RemoveIndexBeside(const std::string& directory);

// The number in `<directory>/format`. NOT_FOUND (DATA_NOT_FOUND) when that is no data directory; DATA_LOSS when it is
// no number; FAILED_PRECONDITION (DATA_FORMAT_NEWER).
absl::StatusOr<int> ReadDataFormat(const std::string& directory);

}  // namespace greffe
