#include "storage/base/durable_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"

namespace greffe {
namespace {

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Git takes a file that ends in ".lock" for no ref.
std::string TemporaryFor(const std::string& path) {
  static std::atomic<unsigned> counter = 0;
  return path + ".tmp_" + std::to_string(::getpid()) + "_" + std::to_string(counter.fetch_add(1)) + ".lock";
}

// A process that was killed may have had the same id, as in a container, and left its file.
absl::StatusOr<FileHandle> MakeTemporary(const std::string& path, int mode) {
  GREFFE_RETURN_IF_ERROR(RemoveFile(path));
  return OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode);
}

// What the disk cannot read (EIO), or the file system knows to be damaged (EUCLEAN, EBADMSG), is lost; any other
// failure may pass.
absl::Status ReadFailed(int error, const std::string& action, const std::string& path) {
  if (error == EIO || error == EUCLEAN || error == EBADMSG) {
    return Damaged(path, "it cannot be read: " + std::string(std::strerror(error)));
  }
  return FromErrno(error, action, path);
}

}  // namespace

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.Release();
  }
  return *this;
}

FileHandle::~FileHandle() {
  if (fd_ >= 0) ::close(fd_);
}

int FileHandle::Release() { return std::exchange(fd_, -1); }

absl::StatusOr<FileHandle> OpenFile(const std::string& path, int flags, int mode) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  // What cannot be made is no loss.
  if (fd < 0) return (flags & O_CREAT) != 0 ? FromErrno(errno, "open", path) : ReadFailed(errno, "open", path);
  return FileHandle(fd);
}

absl::Status WriteAt(const FileHandle& file, std::string_view data, std::int64_t offset, const std::string& path) {
  while (!data.empty()) {
    const ssize_t written = ::pwrite(file.get(), data.data(), data.size(), offset);
    if (written < 0) {
      if (errno == EINTR) continue;
      return FromErrno(errno, "write", path);
    }
    if (FaultIsOn("short-write-taken")) break;
    data.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  return absl::OkStatus();
}

absl::Status ReadAt(const FileHandle& file, char* buffer, std::int64_t size, std::int64_t offset,
                    const std::string& path) {
  while (size > 0) {
    const ssize_t got = ::pread(file.get(), buffer, static_cast<std::size_t>(size), offset);
    if (got < 0) {
      if (errno == EINTR) continue;
      return ReadFailed(errno, "read", path);
    }
    if (got == 0) return Damaged(path, "it ends at byte " + std::to_string(offset));
    buffer += got;
    offset += got;
    size -= got;
  }
  return absl::OkStatus();
}

absl::Status ReadPartsAt(const FileHandle& file, std::span<iovec> parts, std::int64_t offset, const std::string& path) {
  while (!parts.empty()) {
    ssize_t got = ::preadv(file.get(), parts.data(), static_cast<int>(parts.size()), offset);
    if (got < 0) {
      if (errno == EINTR) continue;
      return ReadFailed(errno, "read", path);
    }
    if (got == 0) return Damaged(path, "it ends at byte " + std::to_string(offset));
    offset += got;
    while (!parts.empty() && static_cast<std::size_t>(got) >= parts.front().iov_len) {
      got -= static_cast<ssize_t>(parts.front().iov_len);
      parts = parts.subspan(1);
    }
    if (got == 0) continue;
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + got;
    parts.front().iov_len -= static_cast<std::size_t>(got);
  }
  return absl::OkStatus();
}

absl::Status SyncFile(const FileHandle& file, const std::string& path) {
  if (::fdatasync(file.get()) != 0) return FromErrno(errno, "sync", path);
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  GREFFE_ASSIGN_OR_RETURN(const FileHandle directory, OpenFile(path, O_RDONLY | O_DIRECTORY));
  if (::fsync(directory.get()) != 0) return FromErrno(errno, "sync", path);
  return absl::OkStatus();
}

absl::Status MakeDirectories(const std::string& path, int mode) {
  if (path.empty() || path == "/") return absl::OkStatus();
  const auto bits = static_cast<mode_t>(mode);
  if (::mkdir(path.c_str(), bits) == 0) return SyncDirectory(DirectoryOf(path));
  if (errno == EEXIST) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return FromErrno(ENOTDIR, "make directory", path);
    // Who made it may have been killed before the sync. A parent that cannot be opened is nobody's who makes folders.
    const absl::StatusOr<FileHandle> parent = OpenFile(DirectoryOf(path), O_RDONLY | O_DIRECTORY);
    if (parent.ok() && ::fsync(parent->get()) != 0) return FromErrno(errno, "sync", DirectoryOf(path));
    return absl::OkStatus();
  }
  if (errno != ENOENT) return FromErrno(errno, "make directory", path);
  GREFFE_RETURN_IF_ERROR(MakeDirectories(DirectoryOf(path)));
  if (::mkdir(path.c_str(), bits) != 0 && errno != EEXIST) return FromErrno(errno, "make directory", path);
  return SyncDirectory(DirectoryOf(path));
}

absl::StatusOr<std::int64_t> CopyFileDurably(const std::string& from, const std::string& to,
                                             const std::string& made_at) {
  GREFFE_ASSIGN_OR_RETURN(const FileHandle source, OpenFile(from, O_RDONLY));
  const std::string temporary = made_at.empty() ? TemporaryFor(to) : made_at;
  std::int64_t copied = 0;
  const auto copy = [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const FileHandle file, MakeTemporary(temporary, 0444));
    std::string piece(1 << 20, '\0');
    for (;;) {
      const ssize_t got = ::pread(source.get(), piece.data(), piece.size(), copied);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ReadFailed(errno, "read", from);
      if (got == 0) break;
      GREFFE_RETURN_IF_ERROR(WriteAt(file, {piece.data(), static_cast<std::size_t>(got)}, copied, temporary));
      copied += got;
    }
    return SyncFile(file, temporary);
  };
  absl::Status status = copy();
  if (status.ok()) status = RenameDurably(temporary, to);
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  return copied;
}

absl::Status WriteFileDurably(const std::string& path, std::string_view data) {
  const std::string temporary = TemporaryFor(path);
  const auto write = [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const FileHandle file, MakeTemporary(temporary, 0644));
    GREFFE_RETURN_IF_ERROR(WriteAt(file, data, 0, temporary));
    return SyncFile(file, temporary);
  };
  absl::Status status = write();
  if (status.ok()) status = RenameDurably(temporary, path);
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::int64_t limit) {
  GREFFE_ASSIGN_OR_RETURN(const FileHandle file, OpenFile(path, O_RDONLY));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return ReadFailed(errno, "stat", path);
  if (info.st_size > limit) {
    return Error(absl::StatusCode::kResourceExhausted, "FILE_TOO_LARGE",
                 "'" + path + "' has " + std::to_string(info.st_size) + " bytes, over " + std::to_string(limit));
  }
  std::string data(static_cast<std::size_t>(info.st_size), '\0');
  GREFFE_RETURN_IF_ERROR(ReadAt(file, data.data(), info.st_size, 0, path));
  return data;
}

absl::Status RenameDurably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return FromErrno(errno, "rename to '" + to + "'", from);
  if (FaultIsOn("rename-without-sync")) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(SyncDirectory(DirectoryOf(to)));
  if (DirectoryOf(from) != DirectoryOf(to)) return SyncDirectory(DirectoryOf(from));
  return absl::OkStatus();
}

absl::Status RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FromErrno(errno, "remove", path);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return ReadFailed(errno, "list", path);
  std::vector<std::string> names;
  int error = 0;
  for (;;) {
    errno = 0;  // what is done with a name may set it
    const dirent* const entry = ::readdir(directory);
    if (entry == nullptr) {
      error = errno;
      break;
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(directory);
  if (error != 0) return ReadFailed(error, "list", path);
  return names;
}

bool FileExists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

absl::StatusOr<std::int64_t> FreeSpace(const std::string& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return FromErrno(errno, "ask the free space of", path);
  return static_cast<std::int64_t>(info.f_bavail) * static_cast<std::int64_t>(info.f_frsize);
}

}  // namespace greffe
