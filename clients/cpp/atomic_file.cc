#include "clients/cpp/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "clients/cpp/error.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/request_id.h"

namespace greffe::client {
namespace {

constexpr std::string_view kTemporaryPrefix = ".greffe-";
constexpr std::size_t kTemporaryRandom = 6;  // digits of a request id after it

// What open() gives a new file when it is asked for 0666.
mode_t NewFileMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

int Rename(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

// EEXIST where something is.
int RenameToNothing(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // Not every file system has that.
  if (link(from.c_str(), to.c_str()) != 0) return errno;
  unlink(from.c_str());
  return 0;
}

absl::Status Edited(const std::string& path) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_EDITED",
                   "\"" + path + "\" was changed after it had been looked at, and is left as it is", {{"path", path}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFile::Create(const std::string& path, const ExpectedFile& expected) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  std::unique_ptr<TemporaryPath> temporary;
  int fd = -1;
  for (int attempt = 0; fd < 0; ++attempt) {
    // Not derived from the name, which may be as long as a file system allows.
    temporary = std::make_unique<TemporaryPath>(
        folder + std::string(kTemporaryPrefix) + NewRequestId().substr(0, kTemporaryRandom),
        TemporaryPath::Kind::kFile);
    fd = open(temporary->path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && (errno != EEXIST || attempt == 100)) return FromErrno(errno, "create a file for", path);
  }
  // Who could not read the file that is replaced cannot read the new one.
  struct stat former;
  const bool replaces = lstat(path.c_str(), &former) == 0 && S_ISREG(former.st_mode);
  static const mode_t mode = NewFileMode();
  fchmod(fd, replaces ? former.st_mode & 0777 : mode);
  return std::unique_ptr<AtomicFile>(new AtomicFile(fd, std::move(temporary), path, expected));
}

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFile::CreateOrOpen(const std::string& path) {
  struct stat status;
  // What is not there, a link that leads nowhere included, is made.
  if (stat(path.c_str(), &status) != 0) return Create(path);
  if (S_ISREG(status.st_mode)) {
    const std::unique_ptr<char, decltype(&std::free)> followed(realpath(path.c_str(), nullptr), &std::free);
    return Create(followed == nullptr ? path : followed.get());
  }
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return FromErrno(errno, "open", path);
  return std::unique_ptr<AtomicFile>(new AtomicFile(fd, nullptr, path, nullptr));
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  close(fd_);
  if (temporary_ != nullptr) unlink(temporary_->path().c_str());
}

bool AtomicFile::IsTemporaryName(std::string_view name) {
  return name.size() == kTemporaryPrefix.size() + kTemporaryRandom &&
         name.substr(0, kTemporaryPrefix.size()) == kTemporaryPrefix &&
         name.substr(kTemporaryPrefix.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

absl::Status AtomicFile::Write(std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = write(fd_, data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FromErrno(errno, "write", path_);
    data.remove_prefix(static_cast<std::size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  const int fd = std::exchange(fd_, -1);
  // Some file systems write a rename before the bytes: a cut of the power would leave an empty file in place of the
  // former one. EINVAL: there is nothing to sync.
  int error = temporary_ != nullptr && fsync(fd) != 0 && errno != EINVAL ? errno : 0;
  // Network file systems report some write errors here only.
  if (close(fd) != 0 && error == 0) error = errno;
  absl::Status status = error == 0 ? absl::OkStatus() : FromErrno(error, "write", path_);
  if (status.ok() && temporary_ != nullptr) status = TakePlace();
  if (!status.ok() && temporary_ != nullptr) unlink(temporary_->path().c_str());
  return status;
}

absl::Status AtomicFile::TakePlace() {
  std::optional<FileStamp> there;
  if (expected_ != nullptr) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(there, StampAt(path_));
    if (there != *expected_) return Edited(path_);
  }
  const bool to_nothing = expected_ != nullptr && !there;
  const int error = to_nothing ? RenameToNothing(temporary_->path(), path_) : Rename(temporary_->path(), path_);
  if (error == EEXIST && to_nothing) return Edited(path_);
  if (error != 0) return FromErrno(error, "write", path_);
  if (expected_ == nullptr) return absl::OkStatus();
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*expected_, StampAt(path_));
  return absl::OkStatus();
}

}  // namespace greffe::client
