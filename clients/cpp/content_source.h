// Bytes on their way to the server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/file_stamp.h"

namespace greffe::client {

// Content of a size known before, which can be read from any offset: an upload that broke off goes on in the middle.
class ContentSource {
 public:
  virtual ~ContentSource() = default;
  virtual std::int64_t size() const = 0;
  // Exactly `length` bytes from `offset` on. FAILED_PRECONDITION (LOCAL_FILE_CHANGED) when they are not there any more.
  virtual absl::StatusOr<std::string> Read(std::int64_t offset, std::int64_t length) const = 0;
};

class MemoryContent : public ContentSource {
 public:
  explicit MemoryContent(std::string data) : data_(std::move(data)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(data_.size()); }
  absl::StatusOr<std::string> Read(std::int64_t offset, std::int64_t length) const override;

 private:
  const std::string data_;
};

// A regular file. Opened anew for each Read, so that a batch of a thousand needs no thousand descriptors.
class FileContent : public ContentSource {
 public:
  // Takes its stamp. NOT_FOUND (LOCAL_FILE_NOT_FOUND), FAILED_PRECONDITION (LOCAL_FILE_ERROR).
  static absl::StatusOr<std::unique_ptr<FileContent>> Open(const std::string& path);
  std::int64_t size() const override { return stamp_.size; }
  const FileStamp& stamp() const { return stamp_; }
  // LOCAL_FILE_CHANGED also when the file was written to, or another one has its name, since Open.
  absl::StatusOr<std::string> Read(std::int64_t offset, std::int64_t length) const override;

 private:
  FileContent(std::string path, const FileStamp& stamp) : path_(std::move(path)), stamp_(stamp) {}
  const std::string path_;
  const FileStamp stamp_;
};

// SHA-256 of all of it.
absl::StatusOr<std::string> Sha256Of(const ContentSource& content);

// Told after each piece of a transfer how many bytes of the content are over.
using TransferProgress = std::function<void(std::int64_t bytes)>;

}  // namespace greffe::client
