// Which file lies at a path, and in which state.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace greffe::client {

// Differs once the file was written to, or another one has taken its place, be it of the same size and time.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds since the epoch
  std::int64_t changed = 0;   // the same, of the inode: no program sets it
  bool operator==(const FileStamp&) const = default;
};

FileStamp StampOf(const struct stat& info);

// Of what lies at `path`, where that is a link of the link; nullopt: nothing does. LOCAL_FILE_ERROR when it cannot be
// looked at.
absl::StatusOr<std::optional<FileStamp>> StampAt(const std::string& path);

// What may be replaced at a path, nullopt inside: nothing is there. Null: whatever is there may. Shared by those who
// write to one path one after the other: what one puts there is what the next one expects.
using ExpectedFile = std::shared_ptr<std::optional<FileStamp>>;

}  // namespace greffe::client
