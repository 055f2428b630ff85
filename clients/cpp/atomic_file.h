// A local file that appears whole or not at all.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/file_stamp.h"
#include "clients/cpp/temporary_path.h"

namespace greffe::client {

// Bytes go to a temporary file beside the target, which Commit syncs and renames over it; it has the permissions of the
// file that it replaces. Without Commit nothing stays.
// Not thread-safe.
class AtomicFile {
 public:
  // What is at `path` is replaced; a link too, not what it leads to. It is `expected`, or a regular file with the same
  // bytes, which stays, or else Commit leaves it as it is: FAILED_PRECONDITION (LOCAL_FILE_EDITED).
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Create(const std::string& path,
                                                            const ExpectedFile& expected = nullptr);
  // For a path that a person names: a link is followed, and a device or a pipe is written to as the bytes come, since
  // it can be neither replaced nor taken back. So is an open descriptor (/dev/stdout, /dev/fd/N), be it a file's:
  // others write there too.
  static absl::StatusOr<std::unique_ptr<AtomicFile>> CreateOrOpen(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // True for a name that its temporary files have. One that lies there was left by a program that was killed.
  static bool IsTemporaryName(std::string_view name);

  // Whether what is written goes where this program's standard output goes.
  bool IsStandardOutput() const;

  absl::Status Write(std::string_view data);
  absl::Status Commit();

 private:
  AtomicFile(int fd, std::unique_ptr<TemporaryPath> temporary, std::string path, ExpectedFile expected)
      : path_(std::move(path)), expected_(std::move(expected)), temporary_(std::move(temporary)), fd_(fd) {}
  absl::Status TakePlace();
  absl::Status TakeWhatIsThere();

  const std::string path_;
  const ExpectedFile expected_;
  const std::unique_ptr<TemporaryPath> temporary_;  // null: `fd_` is the target itself
  int fd_;                                          // -1 after Commit
};

}  // namespace greffe::client
