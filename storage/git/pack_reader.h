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
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/durable_file.h"
#include "storage/base/git_object.h"
#include "storage/base/oid.h"
#include "storage/git/pack_index.h"

namespace greffe {

// An object and how it lies in its pack.
struct PackedObject {
  GitObject object;
  std::string_view deflated;     // the zlib stream of the object, or of its delta, until the visitor returns
  std::int64_t delta_bytes = 0;  // what that delta inflates to; 0: the object lies there whole
  Oid base;                      // of the delta
  // Of a blob that lies whole and is larger than the scan holds: its bytes, which PackReader::StreamBlob gives. The
  // object has no data then.
  std::int64_t streamed_bytes = 0;
};

// An object's bytes in its pack, to be copied into another one.
struct StoredEntry {
  Oid oid;
  int type = 0;               // the pack format's; of a delta kOfsDelta, however its base is named
  std::size_t size = 0;       // of what the stream inflates to
  Oid base;                   // of a delta
  std::string_view deflated;  // until the visitor returns
  bool IsDelta() const { return !base.IsZero(); }
};

// Thread-safe. What it has open stays readable after the files are deleted.
class PackReader {
 public:
  // `base`: the path without ".pack". DATA_LOSS when the files do not have the shape of a pack and its idx.
  // `most_held`: see PackIndex.
  static absl::StatusOr<std::shared_ptr<const PackReader>> Open(const std::string& base,
                                                                std::int64_t most_held = kMostHeldIdx);

  const std::string& base() const { return base_; }
  std::int64_t bytes() const { return pack_size_ + index_->bytes(); }
  std::int64_t index_size() const { return index_->bytes(); }
  std::int64_t object_count() const { return index_->count(); }
  // Whether the idx, as it is read here, has the checksum that it was written with.
  absl::Status VerifyIndex() const { return index_->Verify(); }
  // In the order of ids, from 0 on.
  absl::StatusOr<Oid> OidAt(std::int64_t position) const { return index_->OidAt(position); }

  // These, and Read, are DATA_LOSS too when the idx cannot be read.
  absl::StatusOr<bool> Contains(const Oid& oid) const;
  absl::StatusOr<bool> ContainsAllOf(const PackReader& other) const;
  absl::StatusOr<bool> ContainsAnyOf(const PackReader& other) const;
  // Whether each object of this one is in one of `others`.
  absl::StatusOr<bool> IsContainedIn(const std::vector<std::shared_ptr<const PackReader>>& others) const;
  // nullopt when it is not in here. Not verified against its id: the caller does. DATA_LOSS too for more than
  // kMaxPackedObjectBytes, which are not held.
  absl::StatusOr<std::optional<GitObject>> Read(const Oid& oid) const;
  // Gives the raw bytes of a blob that lies whole, of any size, its header first, piece by piece. False: it is not in
  // here, or a delta. Whether there are as many as the header says is the caller's to see.
  absl::StatusOr<bool> StreamBlob(const Oid& oid, const std::function<absl::Status(std::string_view)>& take) const;
  // Every object, in the order of the pack, which is read from front to back: a base mostly comes before its deltas.
  // `known` gives what the caller kept of those before (nullptr: not kept), so that no chain is read twice. Objects are
  // not verified against their ids; one that cannot be read is told as the error, and the scan goes on. DATA_LOSS when
  // the idx cannot be read.
  using Known = std::function<const GitObject*(const Oid&)>;
  using Visit = std::function<absl::Status(const Oid&, absl::StatusOr<PackedObject>)>;
  // `most_held`: larger blobs that lie whole are not read (PackedObject::streamed_bytes).
  static constexpr std::int64_t kMostScanned = std::int64_t{64} << 20;
  absl::Status Scan(const Known& known, const Visit& visit, std::int64_t most_held = kMostScanned) const;

  // Every object as it lies there, in the order of the pack, held against the checksum that the idx has of it for that
  // (gitformat-pack(5)): DATA_LOSS at the first one that does not fit. RESOURCE_EXHAUSTED for one above kMostScanned.
  absl::Status ScanStored(const std::function<absl::Status(const StoredEntry&)>& visit) const;

 private:
  struct EntryHead;
  class Window;
  struct Place;

  PackReader() = default;
  absl::StatusOr<std::optional<std::int64_t>> FindOffset(const Oid& oid) const;
  absl::StatusOr<EntryHead> ParseHead(std::string_view raw, std::int64_t offset) const;
  absl::StatusOr<std::string> Inflate(std::string_view& raw, const EntryHead& head, std::int64_t offset) const;
  absl::StatusOr<GitObject> ReadAtOffset(std::int64_t offset, int depth) const;
  absl::StatusOr<std::vector<Place>> ListPlaces() const;  // by their offsets
  // The base of the entry at `offset`, as the idx names what lies there.
  absl::StatusOr<Oid> BaseOf(const std::vector<Place>& places, const EntryHead& head, std::int64_t offset) const;
  absl::Status CheckCanBeHeld(const EntryHead& head, std::int64_t offset) const;
  absl::StatusOr<PackedObject> ReadInWindow(const std::vector<Place>& places, std::size_t at, Window& window,
                                            const Known& known, std::int64_t most_held) const;
  std::int64_t End() const { return pack_size_ - static_cast<std::int64_t>(Oid::kSize); }  // of its objects
  absl::Status DamagedAt(std::int64_t offset, const std::string& finding) const;

  std::string base_;
  std::string path_;  // of the pack itself
  FileHandle pack_;
  std::int64_t pack_size_ = 0;
  std::unique_ptr<const PackIndex> index_;
};

}  // namespace greffe
