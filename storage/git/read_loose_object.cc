#include "storage/git/read_loose_object.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"
#include "storage/git/inflate_loose.h"

namespace greffe {
namespace {

constexpr std::int64_t kMostWholeBytes = std::int64_t{4} << 30;

std::optional<ObjectType> TypeOf(std::string_view name) {
  if (name == "commit") return ObjectType::kCommit;
  if (name == "tree") return ObjectType::kTree;
  if (name == "blob") return ObjectType::kBlob;
  if (name == "tag") return ObjectType::kTag;
  return std::nullopt;
}

// Takes an object's inflated bytes, header first.
class WholeObject {
 public:
  WholeObject(const std::string& path, std::int64_t file_size) : path_(path), file_size_(file_size) {}

  absl::Status Take(std::string_view raw) {
    if (begun_) {
      object_.data += raw;
    } else {
      head_ += raw;
      const std::size_t zero = head_.find('\0');
      if (zero == std::string::npos && head_.size() <= kMostHeader) return absl::OkStatus();
      GREFFE_RETURN_IF_ERROR(ReadHeader(std::string_view(head_).substr(0, std::min(zero, kMostHeader + 1))));
      object_.data += std::string_view(head_).substr(zero + 1);
      begun_ = true;
    }
    if (object_.data.size() <= size_) return absl::OkStatus();
    return Damaged(path_, "it has more bytes than its header says");
  }

  absl::StatusOr<GitObject> Finish() {
    if (!begun_ || object_.data.size() != size_) return Damaged(path_, "it has fewer bytes than its header says");
    return std::move(object_);
  }

 private:
  static constexpr std::size_t kMostHeader = 32;
  static constexpr std::uint64_t kMostInflation = 1032;  // no stream says more than that

  absl::Status ReadHeader(std::string_view header) {
    const std::size_t space = std::min(header.find(' '), header.size());
    const std::optional<ObjectType> type = TypeOf(header.substr(0, space));
    const std::string_view digits = header.substr(std::min(space + 1, header.size()));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size_);
    if (header.size() > kMostHeader || !type || error != std::errc() || end != digits.data() + digits.size() ||
        size_ > static_cast<std::uint64_t>(file_size_) * kMostInflation) {
      return Damaged(path_, "it has no header");
    }
    object_.type = *type;
    if (size_ > static_cast<std::uint64_t>(kMostWholeBytes)) {
      return Error(absl::StatusCode::kResourceExhausted, "FILE_TOO_LARGE",
                   "'" + path_ + "' has " + std::to_string(size_) + " bytes, over " + std::to_string(kMostWholeBytes));
    }
    object_.data.reserve(size_);
    return absl::OkStatus();
  }

  const std::string& path_;
  const std::int64_t file_size_;
  std::string head_;
  bool begun_ = false;
  std::uint64_t size_ = 0;
  GitObject object_;
};

}  // namespace

absl::StatusOr<std::optional<GitObject>> ReadLooseObject(const std::string& path, const Oid& oid) {
  absl::StatusOr<FileHandle> file = OpenFile(path, O_RDONLY);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  GREFFE_RETURN_IF_ERROR(file.status());
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return FromErrno(errno, "stat", path);
  WholeObject whole(path, info.st_size);
  GREFFE_RETURN_IF_ERROR(InflateLoose(path, *file, FullSpeed, [&](std::string_view raw) { return whole.Take(raw); }));
  GREFFE_ASSIGN_OR_RETURN(GitObject object, whole.Finish());
  if (!FaultIsOn("content-unchecked") && HashObject(object.type, object.data) != oid) {
    return Damaged(path, "its bytes are not those of object " + oid.Hex());
  }
  return object;
}

}  // namespace greffe
