// Reads one pack through its idx: read-only, without locks, for any number of threads.
//
// Of our own rather than libgit2's: a reader there belongs to one thread, a missing object rescans the folder, and a
// damaged idx can be read out of bounds (libgit2 before 1.8.1).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/durable_file.h"
#include "storage/base/git_object.h"
#include "storage/base/oid.h"

namespace greffe {

// Thread-safe. What it has open stays readable after the files are deleted.
class PackReader {
 public:
  // `base`: the path without ".pack". DATA_LOSS when the files do not have the shape of a pack and its idx.
  static absl::StatusOr<std::shared_ptr<const PackReader>> Open(const std::string& base);
  ~PackReader();

  const std::string& base() const { return base_; }
  std::int64_t bytes() const { return pack_size_ + static_cast<std::int64_t>(index_size_); }
  std::int64_t index_size() const { return static_cast<std::int64_t>(index_size_); }
  std::int64_t object_count() const { return count_; }

  bool Contains(const Oid& oid) const { return Find(oid).has_value(); }
  // nullopt when it is not in here. Not verified against its id: the caller does.
  absl::StatusOr<std::optional<GitObject>> Read(const Oid& oid) const;
  absl::Status ForEach(const std::function<absl::Status(const Oid&)>& visit) const;

 private:
  PackReader() = default;
  std::optional<std::int64_t> Find(const Oid& oid) const;
  absl::StatusOr<GitObject> ReadAtOffset(std::int64_t offset, int depth) const;
  std::uint32_t Word(std::size_t position) const;

  std::string base_;
  FileHandle pack_;
  std::int64_t pack_size_ = 0;
  const unsigned char* index_ = nullptr;  // mapped
  std::size_t index_size_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace greffe
