#include "storage/journal/quota_errors.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace greffe {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// RocksDB keeps no errno, only its text, which comes last.
IOStatus AsFullDisk(IOStatus status) {
  if (status.ok() || !status.IsIOError() || status.IsNoSpace()) return status;
  const std::string text = status.ToString();
  return text.ends_with(std::strerror(EDQUOT)) ? IOStatus::NoSpace(text) : std::move(status);
}

class QuotaFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::Append(data, options, verification, debug));
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, debug));
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            const rocksdb::DataVerificationInfo& verification, IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, verification, debug));
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::Truncate(size, options, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::Close(options, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::Fsync(options, debug));
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t size, const IOOptions& options,
                     IODebugContext* debug) override {
    return AsFullDisk(FSWritableFileOwnerWrapper::RangeSync(offset, size, options, debug));
  }
};

class QuotaErrors final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  using File = std::unique_ptr<rocksdb::FSWritableFile>;

  const char* Name() const override { return "QuotaErrors"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options, File* file,
                           IODebugContext* debug) override {
    return Wrapped(FileSystemWrapper::NewWritableFile(path, options, file, debug), file);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options, File* file,
                              IODebugContext* debug) override {
    return Wrapped(FileSystemWrapper::ReopenWritableFile(path, options, file, debug), file);
  }
  IOStatus ReuseWritableFile(const std::string& path, const std::string& former, const FileOptions& options, File* file,
                             IODebugContext* debug) override {
    return Wrapped(FileSystemWrapper::ReuseWritableFile(path, former, options, file, debug), file);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    return AsFullDisk(FileSystemWrapper::RenameFile(from, to, options, debug));
  }

 private:
  static IOStatus Wrapped(IOStatus made, File* file) {
    if (made.ok()) *file = std::make_unique<QuotaFile>(std::move(*file));
    return AsFullDisk(std::move(made));
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> WithQuotaErrors(std::shared_ptr<rocksdb::FileSystem> base) {
  return std::make_shared<QuotaErrors>(std::move(base));
}

}  // namespace greffe
