// Packs (git's pack format, version 2, and idx version 2) written for the path from journal to disk: one pass, no delta
// search.
//
// A delta against the same path's predecessor is known without searching: two trees differ in one entry, two records in
// a few lines. Where both are among `objects`, the older one is stored as an OFS_DELTA of the newer one (common prefix
// and suffix, the middle as an insert), so that the latest is read without a chain; chains end at kMaxDeltaDepth.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/git_object.h"
#include "storage/base/oid.h"
#include "storage/git/pack_file.h"

namespace greffe {

inline constexpr int kMaxDeltaDepth = 40;

// An object for a pack; the bytes are the caller's.
struct PackInput {
  Oid oid;
  ObjectType type = ObjectType::kBlob;
  std::string_view data;
  Oid predecessor;  // zero: none

  // How it lies in a pack already, to be written so again where that fits.
  struct Stored {
    std::string_view deflated;     // the zlib stream of the object or of its delta; "": make it anew
    std::int64_t delta_bytes = 0;  // what that delta inflates to; 0: it lies there whole
    Oid base;                      // of the delta
  };
  Stored stored = {};
};

// Writes `<directory>/<pack_name>.pack` and `.idx`, as PackFile does. The same oid twice in `objects` is written once.
// Content that IsCompressed is stored.
absl::StatusOr<PackFiles> WritePackFiles(const std::string& directory, const std::vector<PackInput>& objects);

// Git's delta format: `target` from `base`. "" when it would not be at least a quarter smaller than `target`.
std::string MakeDelta(std::string_view base, std::string_view target);

// The reverse; DATA_LOSS when it does not fit.
absl::StatusOr<std::string> ApplyDelta(std::string_view base, std::string_view delta);

}  // namespace greffe
