// The data directory as a whole: one server at a time, one layout.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "storage/base/durable_file.h"

namespace greffe {

// Number of the data directory's layout as a whole, in `<data>/format`.
inline constexpr int kDataFormat = 1;

// Makes the directory when it is not there, and holds its lock until the handle goes. FAILED_PRECONDITION:
// DATA_DIRECTORY_LOCKED (naming the holder's process) or DATA_FORMAT_NEWER; nothing is touched then.
absl::StatusOr<FileHandle> TakeDataDirectory(const std::string& directory);

}  // namespace greffe
