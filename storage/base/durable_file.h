// Files that must be there after power loss. Every function names the path in its error (errors.h FromErrno). What
// cannot be opened, listed or read since the disk fails, or the file system finds damage, is DATA_LOSS (DATA_DAMAGED).
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

// An open file descriptor; closed when it goes.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(FileHandle&& other) noexcept : fd_(other.Release()) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release();

 private:
  int fd_ = -1;
};

absl::StatusOr<FileHandle> OpenFile(const std::string& path, int flags, int mode = 0644);

// All of `data` at `offset`, short writes and EINTR handled.
absl::Status WriteAt(const FileHandle& file, std::string_view data, std::int64_t offset, const std::string& path);
// Exactly `size` bytes; DATA_LOSS (DATA_DAMAGED) also when the file ends before.
absl::Status ReadAt(const FileHandle& file, char* buffer, std::int64_t size, std::int64_t offset,
                    const std::string& path);

// The same into several places, one after another, which are used up on the way.
absl::Status ReadPartsAt(const FileHandle& file, std::span<iovec> parts, std::int64_t offset, const std::string& path);

absl::Status SyncFile(const FileHandle& file, const std::string& path);  // fdatasync
absl::Status SyncDirectory(const std::string& path);

// Makes a directory, of `mode`, and its missing parents, and syncs the parent of each that was made, and of the first
// that was there. What is there keeps its mode.
absl::Status MakeDirectories(const std::string& path, int mode = 0755);

// Replaces or creates `path` with `data` so that after power loss either the old or the new whole content is there:
// temporary file beside it, sync, rename, sync of the directory.
absl::Status WriteFileDurably(const std::string& path, std::string_view data);

// NOT_FOUND when it is not there; RESOURCE_EXHAUSTED when larger than `limit`.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::int64_t limit = 1 << 30);

// Copies a file; the copy appears whole and synced, or not at all. Returns its size. NOT_FOUND when `from` is not
// there. `temporary`: where it is made, on the same file system; "": beside it.
absl::StatusOr<std::int64_t> CopyFileDurably(const std::string& from, const std::string& to,
                                             const std::string& temporary = "");

// Renames and syncs the directory of `to` (and of `from`, when another).
absl::Status RenameDurably(const std::string& from, const std::string& to);

// OK too when it is not there.
absl::Status RemoveFile(const std::string& path);

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path);
bool FileExists(const std::string& path);

// Bytes that an unprivileged process may still write to the file system of `path`.
absl::StatusOr<std::int64_t> FreeSpace(const std::string& path);

}  // namespace greffe
