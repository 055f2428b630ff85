// Merging packs, with a search for deltas.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/git/pack_reader.h"

namespace greffe {

// What is merged at once lies in memory: objects, their streams, and 400 bytes for each.
inline constexpr std::int64_t kMaxMergedBytes = std::int64_t{256} << 20;

struct MergedPack {
  std::string base;       // its path without ".pack"; "": none was written
  std::size_t count = 0;  // of the packs given, from the first on, that are in it
  absl::Status damage;    // why the pack after these could not be read, and none was written
  // The pack after these takes more than half of the memory by itself, and none was written.
  bool is_too_large = false;
};

// Writes one pack into `directory`, synced in the order pack, idx, directory, with all objects of `packs`, or of as
// many of the first of them as take `most_bytes` in memory. The old packs stay. Writes none when `cancelled` said so,
// or when one of the packs is damaged: damage is never copied; nor when not even two fit, or the only one.
absl::StatusOr<MergedPack> MergePacks(const std::string& directory,
                                      const std::vector<std::shared_ptr<const PackReader>>& packs,
                                      const std::function<bool()>& cancelled,
                                      std::int64_t most_bytes = kMaxMergedBytes);

}  // namespace greffe
