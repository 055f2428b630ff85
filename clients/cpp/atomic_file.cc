#include "clients/cpp/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "clients/cpp/content_source.h"
#include "clients/cpp/error.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/request_id.h"

namespace greffe::client {
namespace {

namespace fs = std::filesystem;

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
  if (link(from.c_str(), to.c_str()) == 0) {
    unlink(from.c_str());
    return 0;
  }
  // Nor that. What comes between the look and the rename is lost there: nothing else can put a new file in.
  if (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP) return errno;
  struct stat there;
  if (lstat(to.c_str(), &there) == 0) return EEXIST;
  return errno == ENOENT ? Rename(from, to) : errno;
}

// The entry in /proc of the open descriptor that `path` leads to, as /dev/stdout and /dev/fd/3 do; empty: it is none.
std::string DescriptorAt(const std::string& path) {
  constexpr int kMostLinks = 40;  // as many as the kernel follows
  std::error_code error;
  fs::path at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    const fs::path folder = fs::canonical(at.has_parent_path() ? at.parent_path() : fs::path("."), error);
    if (error) return "";
    if (folder.string().starts_with("/proc/") && folder.filename() == "fd") return (folder / at.filename()).string();
    const fs::path next = fs::read_symlink(at, error);
    if (error) return "";
    at = folder / next;
  }
  return "";
}

// Writes go on where those of others who have `descriptor` ended; -1 and errno.
int OpenDescriptor(const std::string& descriptor) {
  if (!descriptor.starts_with("/proc/" + std::to_string(getpid()) + "/")) {
    return open(descriptor.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  }
  int number = -1;
  if (absl::SimpleAtoi(descriptor.substr(descriptor.rfind('/') + 1), &number)) {
    return fcntl(number, F_DUPFD_CLOEXEC, 0);
  }
  errno = ENOENT;
  return -1;
}

// Of a regular file at `path` that has the bytes of the one at `other`; nullopt: it is no such one.
std::optional<FileStamp> StampOfSame(const std::string& path, const std::string& other) {
  constexpr std::int64_t kPiece = 1 << 20;
  const auto there = FileContent::Open(path);
  const auto wanted = FileContent::Open(other);
  if (!there.ok() || !wanted.ok() || (*there)->size() != (*wanted)->size()) return std::nullopt;
  for (std::int64_t offset = 0; offset < (*there)->size(); offset += kPiece) {
    const std::int64_t length = std::min(kPiece, (*there)->size() - offset);
    const auto data = (*there)->Read(offset, length);
    if (!data.ok() || data != (*wanted)->Read(offset, length)) return std::nullopt;
  }
  // Open follows links.
  const auto now = StampAt(path);
  return now.ok() && *now == (*there)->stamp() ? *now : std::nullopt;
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
  const std::string descriptor = DescriptorAt(path);
  int fd = -1;
  if (descriptor.empty()) {
    struct stat status;
    // What is not there, a link that leads nowhere included, is made.
    if (stat(path.c_str(), &status) != 0) return Create(path);
    if (S_ISREG(status.st_mode)) {
      std::error_code error;
      const fs::path followed = fs::canonical(path, error);
      return Create(error ? path : followed.string());
    }
    fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    fd = OpenDescriptor(descriptor);
  }
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

bool AtomicFile::IsStandardOutput() const {
  struct stat here;
  struct stat output;
  return temporary_ == nullptr && fstat(fd_, &here) == 0 && fstat(STDOUT_FILENO, &output) == 0 &&
         here.st_dev == output.st_dev && here.st_ino == output.st_ino;
}

absl::Status AtomicFile::TakePlace() {
  std::optional<FileStamp> there;
  if (expected_ != nullptr) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(there, StampAt(path_));
    if (there != *expected_) return TakeWhatIsThere();
  }
  const bool to_nothing = expected_ != nullptr && !there;
  const int error = to_nothing ? RenameToNothing(temporary_->path(), path_) : Rename(temporary_->path(), path_);
  if (error == EEXIST && to_nothing) return TakeWhatIsThere();
  if (error != 0) return FromErrno(error, "write", path_);
  if (expected_ == nullptr) return absl::OkStatus();
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*expected_, StampAt(path_));
  return absl::OkStatus();
}

// Somebody else may have put the same there meanwhile: another fetch into one folder.
absl::Status AtomicFile::TakeWhatIsThere() {
  const std::optional<FileStamp> same = StampOfSame(path_, temporary_->path());
  if (!same) return Edited(path_);
  *expected_ = same;
  unlink(temporary_->path().c_str());
  return absl::OkStatus();
}

}  // namespace greffe::client
