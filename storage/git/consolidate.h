// Merging packs, with a search for deltas.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/git/pack_reader.h"

namespace greffe {

inline constexpr char kMergeTooLarge[] = "MERGE_TOO_LARGE";

// Writes one pack with all objects of `packs` into `directory`, synced in the order pack, idx, directory, and returns
// its path without ".pack"; "" when `cancelled` said so. The old packs stay. RESOURCE_EXHAUSTED (MERGE_TOO_LARGE) when
// the objects inflate to more than 256 MiB, which would lie in memory; DATA_LOSS for damage, which is never copied.
absl::StatusOr<std::string> MergePacks(const std::string& directory,
                                       const std::vector<std::shared_ptr<const PackReader>>& packs,
                                       const std::function<bool()>& cancelled);

}  // namespace greffe
