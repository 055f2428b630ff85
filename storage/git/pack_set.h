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

// Thread-safe; Consolidate is not to run beside itself. Readers hold a generation of the list, so that what it names
// stays readable, and the space of deleted packs returns with the last of them.
class PackSet {
 public:
  using Packs = std::vector<std::shared_ptr<const PackReader>>;
  // A pack that cannot be opened, for damage: what it has is in no list.
  struct ClosedPack {
    std::string base;
    absl::Status why;  // DATA_LOSS
  };

  // `folder`: ".../objects/pack". `most_merged_bytes`: see MergePacks.
  explicit PackSet(std::string folder, std::int64_t most_merged_bytes = kMaxMergedBytes)
      : folder_(std::move(folder)), most_merged_bytes_(most_merged_bytes), packs_(std::make_shared<const Packs>()) {}

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

 private:
  struct Listing {
    Packs packs;
    std::vector<ClosedPack> closed;
  };
  absl::StatusOr<Listing> ListFolder(const Packs& open) const;
  bool IsLeaving(const std::string& base) const;
  // Those that can be merged, of `packs`.
  Packs SmallOf(const Packs& packs) const;
  Packs ChooseToMerge(bool all) const;
  // Nothing goes that the pack at `base` does not hold: DATA_LOSS then.
  absl::Status Replace(const Packs& merged, const std::string& base);

  const std::string folder_;
  const std::int64_t most_merged_bytes_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Packs> packs_;
  std::vector<ClosedPack> closed_;
  mutable std::atomic<std::size_t> read_last_ = 0;  // the place of the pack that had what was asked for last
  std::vector<std::string> leaving_;                // bases of packs off the list whose files are not removed yet
  std::set<std::string> damaged_;                   // bases of packs that a merge could not read
  std::set<std::string> too_large_;                 // the same, that inflate to more than a merge may hold
  // Below which merging waits: what was chosen was too large to be merged, or to be merged to some use.
  std::size_t least_packs_ = 0;
};

}  // namespace greffe
