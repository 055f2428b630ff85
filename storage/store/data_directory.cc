#include "storage/store/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "storage/base/errors.h"

namespace greffe {

absl::StatusOr<FileHandle> TakeDataDirectory(const std::string& directory) {
  const std::string format_path = directory + "/format";
  absl::StatusOr<std::string> format = ReadWholeFile(format_path, 64);
  if (!format.ok() && !absl::IsNotFound(format.status())) return format.status();
  if (format.ok()) {
    const int number = std::atoi(format->c_str());
    if (number > kDataFormat) {
      return Error(absl::StatusCode::kFailedPrecondition, "DATA_FORMAT_NEWER",
                   "data directory '" + directory + "' has format " + std::to_string(number) +
                       ", this program knows up to " + std::to_string(kDataFormat));
    }
    if (number < 1) return Damaged(format_path, "it is not a format number");
  }
  GREFFE_RETURN_IF_ERROR(MakeDirectories(directory));
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
  if (!format.ok()) {
    GREFFE_RETURN_IF_ERROR(WriteFileDurably(format_path, std::to_string(kDataFormat) + "\n"));
  }
  return lock;
}

}  // namespace greffe
