#include "clients/cpp/content_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "clients/cpp/checksums.h"
#include "clients/cpp/error.h"
#include "clients/cpp/macros.h"

namespace greffe::client {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

absl::Status Changed(const std::string& path) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_CHANGED",
                   "\"" + path + "\" was changed while it was read", {{"path", path}});
}

}  // namespace

absl::StatusOr<std::string> MemoryContent::Read(std::int64_t offset, std::int64_t length) const {
  if (offset < 0 || length < 0 || offset > size() || length > size() - offset) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_CHANGED", "read beyond the end of the content");
  }
  return data_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

absl::StatusOr<std::unique_ptr<FileContent>> FileContent::Open(const std::string& path) {
  // Asked first: opening a pipe or a device may already do something.
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return FromErrno(errno, "open", path);
  if (!S_ISREG(info.st_mode)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_ERROR",
                     "\"" + path + "\" is not a regular file", {{"path", path}});
  }
  return std::unique_ptr<FileContent>(new FileContent(path, StampOf(info)));
}

absl::StatusOr<std::string> FileContent::Read(std::int64_t offset, std::int64_t length) const {
  const Descriptor fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return FromErrno(errno, "open", path_);
  const auto check = [&]() -> absl::Status {
    struct stat info = {};
    if (fstat(fd.get(), &info) != 0) return FromErrno(errno, "read", path_);
    return StampOf(info) == stamp_ ? absl::OkStatus() : Changed(path_);
  };
  GREFFE_CLIENT_RETURN_IF_ERROR(check());
  std::string data(static_cast<std::size_t>(length), '\0');
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t count = pread(fd.get(), data.data() + done, data.size() - done, offset + static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FromErrno(errno, "read", path_);
    if (count == 0) return Changed(path_);
    done += static_cast<std::size_t>(count);
  }
  // What was written meanwhile is read in part.
  GREFFE_CLIENT_RETURN_IF_ERROR(check());
  return data;
}

absl::StatusOr<std::string> Sha256Of(const ContentSource& content) {
  Sha256 hash;
  for (std::int64_t offset = 0; offset < content.size();) {
    const std::int64_t length = std::min<std::int64_t>(content.size() - offset, 1 << 20);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string data, content.Read(offset, length));
    hash.Update(data);
    offset += length;
  }
  return hash.Finish();
}

}  // namespace greffe::client
