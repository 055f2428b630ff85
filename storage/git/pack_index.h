// The idx of a pack (git's version 2): which objects the pack has, in the order of their ids, and where they lie in it.
//
// It is never mapped: a sector that the disk cannot read, or a file that was cut, would end the process, and not the
// read alone. An idx up to kMostHeldIdx bytes (32 an object) is read whole when it is opened, as long as all that are
// held so have kMostHeldIdxs at most; a look-up reads no file then, and damage that comes later does not matter. Of
// others the fan-out table is held, and a look-up reads 20 bytes a few times and a page once: five times as long.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/base/durable_file.h"
#include "storage/base/oid.h"

namespace greffe {

inline constexpr std::int64_t kMostHeldIdx = std::int64_t{64} << 20;
inline constexpr std::int64_t kMostHeldIdxs = std::int64_t{256} << 20;  // of the process

// Thread-safe. What cannot be read is DATA_LOSS (DATA_DAMAGED).
class PackIndex {
 public:
  // DATA_LOSS too when the file does not have the shape of an idx. `most_held`: 0 holds nothing of it.
  static absl::StatusOr<std::unique_ptr<const PackIndex>> Open(const std::string& path,
                                                               std::int64_t most_held = kMostHeldIdx);
  ~PackIndex();
  PackIndex(const PackIndex&) = delete;
  PackIndex& operator=(const PackIndex&) = delete;

  std::int64_t bytes() const { return size_; }
  std::int64_t count() const { return fanout_.back(); }

  // Of a position below `count()`.
  absl::StatusOr<Oid> OidAt(std::int64_t position) const;
  absl::StatusOr<std::int64_t> OffsetAt(std::int64_t position) const;  // -1: it has none
  // Of the object's bytes in the pack, as it was written.
  absl::StatusOr<std::uint32_t> CrcAt(std::int64_t position) const;
  // Of the pack that it was written for.
  absl::StatusOr<Oid> PackChecksum() const;
  // Whether all that the others give has the checksum that it was written with.
  absl::Status Verify() const;
  // The position of an id; nullopt: it is not in here.
  absl::StatusOr<std::optional<std::int64_t>> Find(const Oid& oid) const;

 private:
  explicit PackIndex(std::string path) : path_(std::move(path)) {}
  absl::Status Hold(std::int64_t most_held);
  absl::StatusOr<Oid> HashIn(std::int64_t begin) const;
  // Those bytes; in `buffer` when they are not held.
  absl::StatusOr<std::string_view> Part(std::int64_t begin, std::int64_t bytes, char* buffer) const;

  const std::string path_;
  std::int64_t size_ = 0;
  std::array<std::uint32_t, 256> fanout_ = {};
  std::string held_;  // all of it, or nothing
  FileHandle file_;   // open when nothing is held
};

}  // namespace greffe
