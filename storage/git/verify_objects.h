// Holds the files of a repository against their own hashes, in pieces.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/oid.h"
#include "storage/base/pace.h"
#include "storage/git/pack_reader.h"

namespace greffe {

using DamageFinding = std::function<void(const absl::Status&)>;
// An object whose bytes have its id; for one that lies loose, or is a large blob of a pack, also the SHA-256 of its
// content.
using SoundObject = std::function<void(const Oid& oid, const std::optional<Sha256>& content)>;

// A pack's and its idx's checksums, of what is on disk now, then every object against its id. What is damaged or cannot
// be read is a finding; an error is that of `pace`. `is_used`: whether the files must be there, since consolidation
// takes packs away. `most_held`: larger blobs that lie whole are read in pieces.
absl::Status VerifyPack(const PackReader& pack, const std::function<bool()>& is_used, const Pace& pace,
                        const DamageFinding& finding, const SoundObject& sound,
                        std::int64_t most_held = PackReader::kMostScanned);

// The checksum that ends the pack or idx at `path`. NOT_FOUND, DATA_LOSS, IO_ERROR; CANCELLED as `pace` says.
absl::Status VerifyChecksum(const std::string& path, const Pace& pace);
// Those of the pack and the idx at `base`, the path without ".pack".
absl::Status VerifyChecksums(const std::string& base, const Pace& pace);

// A loose object of any layout: its stream and its id. Returns its content's SHA-256; NOT_FOUND, DATA_LOSS, IO_ERROR.
absl::StatusOr<Sha256> VerifyLooseObject(const std::string& path, const Oid& oid, const Pace& pace);

}  // namespace greffe
