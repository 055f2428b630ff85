#include "clients/cpp/file_stamp.h"

#include <cerrno>

#include "clients/cpp/error.h"

namespace greffe::client {
namespace {

std::int64_t Nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamp StampOf(const struct stat& info) {
  return {info.st_dev, info.st_ino, info.st_size, Nanoseconds(info.st_mtim), Nanoseconds(info.st_ctim)};
}

absl::StatusOr<std::optional<FileStamp>> StampAt(const std::string& path) {
  struct stat info = {};
  if (lstat(path.c_str(), &info) == 0) return StampOf(info);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  return FromErrno(errno, "look at", path);
}

}  // namespace greffe::client
