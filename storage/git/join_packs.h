// Joining packs that are too large to be merged: their objects are copied as they lie there, without a look for deltas,
// so that it takes little memory (some 150 bytes an object) and no inflating, however large they are.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/git/pack_reader.h"

namespace greffe {

struct JoinedPack {
  std::string base;  // its path without ".pack"; "": none was written
  // The place of the pack that could not be copied, and none was written: DATA_LOSS, or FAILED_PRECONDITION
  // (PACK_NOT_JOINED) when it is sound and does not go together with the ones before it.
  std::optional<std::size_t> left;
  absl::Status why;
};

// Writes one pack into `directory`, as PackFile does, with each object of `packs` once. The old packs stay. Writes none
// when `cancelled` said so.
absl::StatusOr<JoinedPack> JoinPacks(const std::string& directory,
                                     const std::vector<std::shared_ptr<const PackReader>>& packs,
                                     const std::function<bool()>& cancelled);

}  // namespace greffe
