#include "storage/journal/zeroed_logs.h"

#include <fcntl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "rocksdb/file_system.h"
#include "storage/base/durable_file.h"
#include "storage/journal/quota_errors.h"

namespace greffe {
namespace {

class ZeroedLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  ZeroedLog(std::string path, std::unique_ptr<rocksdb::FSWritableFile> log, FileHandle file)
      : FSWritableFileOwnerWrapper(std::move(log)), path_(std::move(path)), file_(std::move(file)) {}

  // What is asked for before each append, of the bytes that it will have.
  void PrepareWrite(std::size_t offset, std::size_t size, const rocksdb::IOOptions&,
                    rocksdb::IODebugContext*) override {
    static const std::string zeros(kZeroedLogBytes, '\0');
    const auto end = static_cast<std::int64_t>(offset + size);
    while (file_.valid() && end > zeroed_) {
      if (WriteAt(file_, zeros, zeroed_, path_).ok()) {
        zeroed_ += kZeroedLogBytes;
      } else {
        file_ = FileHandle();
      }
    }
  }

  rocksdb::IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    const std::uint64_t size = GetFileSize(options, debug);
    if (zeroed_ > static_cast<std::int64_t>(size)) {
      const rocksdb::IOStatus truncated = Truncate(size, options, debug);
      if (!truncated.ok()) return truncated;
    }
    return FSWritableFileOwnerWrapper::Close(options, debug);
  }

 private:
  const std::string path_;
  FileHandle file_;  // a second one: the first one's position is where the next append goes
  std::int64_t zeroed_ = 0;
};

class ZeroedLogs final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "ZeroedLogs"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus made = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (!made.ok() || !path.ends_with(".log")) return made;
    absl::StatusOr<FileHandle> second = OpenFile(path, O_WRONLY);
    if (second.ok()) *file = std::make_unique<ZeroedLog>(path, std::move(*file), *std::move(second));
    return made;
  }
};

}  // namespace

rocksdb::Env* ZeroedLogsEnv() {
  static rocksdb::Env* const env =
      rocksdb::NewCompositeEnv(std::make_shared<ZeroedLogs>(WithQuotaErrors(rocksdb::FileSystem::Default()))).release();
  return env;
}

}  // namespace greffe
