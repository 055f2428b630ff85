// Packs without their idx, which no reader finds, or with one that cannot be read. A crash leaves one between the two
// renames of a new pack, or the two removals of one that was merged; a disk leaves one that loses a file. They cannot
// be told apart, and the last may be the only place of what it has.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

struct LonePack {
  std::string path;
  absl::Status why;  // it has no idx yet
};

// Makes the idx of each pack in `folder` that has none, from the pack itself, synced: what a crash left is a pack like
// others then, and goes with the next merge. Returns those of which none can be made; they stay as they are. For the
// only process that writes there. `scratch`: a folder of the same file system that is made, and removed.
absl::StatusOr<std::vector<LonePack>> IndexLonePacks(const std::string& folder, const std::string& scratch);

// The same for the pack at `base` (its path without ".pack") whose idx is damaged: that is kept beside the new one,
// with kSetAside behind its name. An idx that is sound stays; DATA_LOSS then, and when none can be made.
absl::Status ReplaceIdx(const std::string& base, const std::string& scratch);

// Ends the name of an idx that was replaced. It goes with its pack.
inline constexpr char kSetAside[] = ".damaged";

}  // namespace greffe
