// Objects of one repository for another, file by file: packs and large contents never change under their names.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/base/oid.h"

namespace greffe {

struct CopiedObjects {
  std::int64_t copied_files = 0;
  std::int64_t copied_bytes = 0;
  std::int64_t kept_files = 0;     // there already
  std::vector<std::string> packs;  // "pack-<hash>": all that the source has
  std::set<Oid> loose;             // the same of objects that lie by themselves
  std::vector<std::string> notes;  // for people: files that were there and were not as they should be
  // Packs and loose objects that were copied now and are not what was written, by the stems of their files.
  std::map<std::string, absl::Status> damaged;
};

// Copies each pack and loose object of the bare repository at `from` that the one at `to` lacks, synced; also those
// that it has with another size, or that were written, or came to their places, since and that it has damaged, when
// that of `from` has its hash. The source may be written to and consolidated meanwhile: what it had when this began is
// in the copy, in these packs or in others. What a copy that was broken off brought is made durable, what it left half
// copied is removed. `kept`: whether files that `to` has already are read as well; damaged ones are in `damaged` then,
// if `from` has no sound one.
enum class Kept { kTrusted, kRead };
absl::StatusOr<CopiedObjects> CopyObjects(const std::string& from, const std::string& to, Kept kept);

// The files of the repository at `path` that have refs which are not in `keep`. Those that are have a file each.
absl::StatusOr<std::vector<std::string>> ListOtherRefs(const std::string& path, const std::set<std::string>& keep);

struct TidiedPacks {
  std::vector<std::string> stay;  // for want of what can be read, or is sound
  std::vector<std::string> lost;  // these stay too: no pack in `keep`, sound or not, has all their objects
  std::map<std::string, absl::Status> damaged;  // in `keep`, of those that were to vouch
};

// Removes the packs of the repository at `path` whose names are not in `keep`, and whose objects are all in those that
// are, which are held against their checksums first. UNAVAILABLE (SYSTEM_LIMIT), and none removed, when there are more
// than may be open.
absl::StatusOr<TidiedPacks> RemoveOtherPacks(const std::string& path, const std::vector<std::string>& keep);

// Removes its packs and loose objects that the source of `keep` does not have, whatever they are.
absl::Status RemoveAllOthers(const std::string& path, const CopiedObjects& keep);

}  // namespace greffe
