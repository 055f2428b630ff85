#include "storage/store/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

// A mistyped path must not fill a folder of something else. A killed first start leaves a lock; a restored copy may
// have repositories alone.
absl::Status CheckUnused(const std::string& directory, bool unfinished) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  for (const std::string& name : names) {
    if (name == "lock" || name == "repositories" || name == "lost+found" || name.find(".tmp_") != std::string::npos) {
      continue;
    }
    if (unfinished && name == kUnfinishedCopy) continue;
    return Error(absl::StatusCode::kFailedPrecondition, "DATA_DIRECTORY_FOREIGN",
                 "'" + directory + "' is no data directory, and not empty: it has '" + name + "'");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> ReadDataFormat(const std::string& directory) {
  const std::string path = directory + "/format";
  const absl::StatusOr<std::string> format = ReadWholeFile(path, 64);
  if (absl::IsNotFound(format.status())) {
    return Error(absl::StatusCode::kNotFound, "DATA_NOT_FOUND", "there is no data directory '" + directory + "'");
  }
  if (!format.ok()) return format.status();
  int number = 0;
  if (!absl::SimpleAtoi(*format, &number) || number < 1) return Damaged(path, "it is not a format number");
  if (number <= kDataFormat) return number;
  return Error(absl::StatusCode::kFailedPrecondition, "DATA_FORMAT_NEWER",
               "data directory '" + directory + "' has format " + std::to_string(number) +
                   ", this program knows up to " + std::to_string(kDataFormat));
}

absl::StatusOr<FileHandle> TakeDataDirectory(const std::string& directory, bool unfinished, bool* made) {
  if (directory.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "DATA_DIRECTORY_MISSING", "no data directory is named");
  }
  const std::string format_path = directory + "/format";
  const absl::StatusOr<int> format = ReadDataFormat(directory);
  if (!format.ok() && !absl::IsNotFound(format.status())) return format.status();
  if (!unfinished && FileExists(directory + "/" + kUnfinishedCopy)) {
    return Error(absl::StatusCode::kFailedPrecondition, "DATA_COPY_UNFINISHED",
                 "'" + directory + "' is a copy that was not finished: make the backup, or the restore, again");
  }
  // Webhooks' secrets lie in it.
  GREFFE_RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  if (!format.ok()) GREFFE_RETURN_IF_ERROR(CheckUnused(directory, unfinished));
  const std::string lock_path = directory + "/lock";
  GREFFE_ASSIGN_OR_RETURN(FileHandle lock, OpenFile(lock_path, O_RDWR | O_CREAT));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FromErrno(errno, "lock", lock_path);
    const std::string holder = ReadWholeFile(lock_path, 64).value_or("");
    return Error(absl::StatusCode::kFailedPrecondition, "DATA_DIRECTORY_LOCKED",
                 "data directory '" + directory + "' is in use by process " + holder.substr(0, holder.find('\n')));
  }
  if (::ftruncate(lock.get(), 0) != 0) return FromErrno(errno, "truncate", lock_path);
  GREFFE_RETURN_IF_ERROR(WriteAt(lock, std::to_string(::getpid()) + "\n", 0, lock_path));
  // Whoever held the lock may have made it meanwhile.
  if (!FileExists(format_path)) {
    // With a format it is data, of which a killed copy has none yet.
    if (unfinished) GREFFE_RETURN_IF_ERROR(WriteFileDurably(directory + "/" + kUnfinishedCopy, "a copy\n"));
    if (made != nullptr) *made = true;
    GREFFE_RETURN_IF_ERROR(WriteFileDurably(format_path, std::to_string(kDataFormat) + "\n"));
  }
  return lock;
}

absl::Status RemoveIndexBeside(const std::string& directory) {
  const std::string path = directory + kIndexBeside;
  std::error_code error;
  std::filesystem::remove_all(path, error);
  return error ? FromErrno(error.value(), "remove", path) : absl::OkStatus();
}

}  // namespace greffe
