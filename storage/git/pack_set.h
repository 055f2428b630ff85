// The packs of a repository, which come and go while it is read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/git_object.h"
#include "storage/base/oid.h"
#include "storage/git/consolidate.h"
#include "storage/git/pack_reader.h"

namespace greffe {

// Which packs become one. Small ones are merged, with deltas along their history; larger ones, of which there may be
// thousands otherwise, are joined.
struct PackLimits {
  std::int64_t most_merged_bytes = kMaxMergedBytes;          // see MergePacks
  std::int64_t small_bytes = std::int64_t{32} << 20;         // on disk; a merge holds what it merges in memory
  std::size_t least_joined = 8;                              // packs, so that little is copied often
  std::int64_t most_joined_bytes = std::int64_t{2} << 30;    // of one of them; what it becomes has twice that at most
  std::int64_t most_joined_objects = std::int64_t{1} << 21;  // of all of them, with some 150 bytes in memory each
  std::int64_t reserve_bytes = 0;                            // of free space, which a join leaves to others
};

// Thread-safe; Consolidate and Join are not to run beside themselves or each other. Readers hold a generation of the
// list, so that what it names stays readable, and the space of deleted packs returns with the last of them.
class PackSet {
 public:
  using Packs = std::vector<std::shared_ptr<const PackReader>>;
  // A pack that cannot be opened, for damage: what it has is in no list.
  struct ClosedPack {
    std::string base;
    absl::Status why;  // DATA_LOSS
  };

  // `folder`: ".../objects/pack".
  explicit PackSet(std::string folder, const PackLimits& limits = {})
      : folder_(std::move(folder)), limits_(limits), packs_(std::make_shared<const Packs>()) {}

  const std::string& folder() const { return folder_; }

  // This generation.
  std::shared_ptr<const Packs> List() const;
  std::vector<ClosedPack> ListClosed() const;
  // Of one of them; OK: all packs are open.
  absl::Status WhyClosed() const;
  // Those that can be merged: neither too large nor found damaged.
  std::size_t CountSmall() const;

  // Lists the folder again; packs that are open already stay. One that cannot be opened for damage keeps no other one
  // from that.
  absl::Status Refresh();

  // Takes up a pack that this process wrote: "pack-<40 hex digits>".
  absl::Status Add(const std::string& name);

  // From a pack whose bytes are those of the object; DATA_LOSS when it is damaged in all that have it, or none has and
  // one that is closed may have. nullopt: none has.
  absl::StatusOr<std::optional<GitObject>> Read(const Oid& oid) const;
  absl::StatusOr<bool> Contains(const Oid& oid) const;
  // Consolidation takes packs from the list before it removes their files.
  bool Uses(const PackReader& pack) const;

  // See GitRepository.
  absl::Status Consolidate(bool all, const std::function<bool()>& cancelled);
  absl::Status Join(const std::function<bool()>& cancelled);

 private:
  struct Listing {
    Packs packs;
    std::vector<ClosedPack> closed;
  };
  absl::StatusOr<Listing> ListFolder(const Packs& open) const;
  bool IsLeaving(const std::string& base) const;
  // Those that can be merged, of `packs`.
  Packs SmallOf(const Packs& packs) const;
  // The others, but for damaged ones.
  Packs LargeOf(const Packs& packs) const;
  Packs ChooseToMerge(bool all) const;
  Packs ChooseToJoin() const;
  // Large packs whose objects another one has. DATA_LOSS when one of two that are so is damaged: both stay then.
  // CANCELLED when `cancelled` said so.
  absl::Status RemoveCopies(const std::function<bool()>& cancelled);
  // Nothing goes that the pack at `base` does not hold: DATA_LOSS then, and that pack goes again.
  absl::Status Replace(const Packs& merged, const std::string& base);
  // Takes `packs` from the list, then their files, but for those of `instead` (nullptr: none), which comes in their
  // place.
  absl::Status TakeAway(const Packs& packs, const std::shared_ptr<const PackReader>& instead);
  // It is merged and joined no more.
  void LeaveOut(const PackReader& damaged);

  const std::string folder_;
  const PackLimits limits_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Packs> packs_;
  std::vector<ClosedPack> closed_;
  mutable std::atomic<std::size_t> read_last_ = 0;  // the place of the pack that had what was asked for last
  std::set<std::string> leaving_;                   // bases of packs off the list whose files are not removed yet
  std::set<std::string> damaged_;                   // bases of packs that could not be copied
  std::set<std::string> too_large_;                 // the same, that inflate to more than a merge may hold
  std::set<std::string> not_joined_;                // the same, that do not go together with others
  // Of small ones, below which merging waits: what was chosen was too large to be merged, or to be merged to some use.
  std::size_t least_packs_ = 0;
  bool copies_removed_ = false;  // only a process that was killed leaves some
};

}  // namespace greffe
