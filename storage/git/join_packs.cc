#include "storage/git/join_packs.h"

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/base/errors.h"
#include "storage/git/pack_file.h"
#include "storage/git/pack_writer.h"

namespace greffe {
namespace {

// An object that several packs have is written once, so that a chain of the second may go on in that of the first. What
// reads them bears much more.
constexpr int kMaxJoinedDepth = 4 * kMaxDeltaDepth;

struct Written {
  std::int64_t offset = 0;  // 0: not yet
  int depth = 0;
};
using WrittenById = absl::flat_hash_map<Oid, Written, std::hash<Oid>>;

absl::Status NotJoined(const PackReader& pack, const std::string& why) {
  return Error(absl::StatusCode::kFailedPrecondition, "PACK_NOT_JOINED", pack.base() + ".pack: " + why);
}

// The others can be joined without that pack.
bool IsOfOnePack(const absl::Status& status) {
  return absl::IsDataLoss(status) || ReasonOf(status) == "PACK_NOT_JOINED" || ReasonOf(status) == "OBJECT_TOO_LARGE";
}

absl::Status ListObjects(const PackReader& pack, WrittenById& objects) {
  for (std::int64_t i = 0; i < pack.object_count(); ++i) {
    GREFFE_ASSIGN_OR_RETURN(const Oid oid, pack.OidAt(i));
    objects.try_emplace(oid);
  }
  return absl::OkStatus();
}

// Copies what of `pack` is not written yet. CANCELLED when `cancelled` said so.
absl::Status Copy(const PackReader& pack, WrittenById& objects, PackFile& file,
                  const std::function<bool()>& cancelled) {
  std::string entry;
  int count = 0;
  return pack.ScanStored([&](const StoredEntry& stored) -> absl::Status {
    if (++count % 1024 == 0 && cancelled()) return absl::CancelledError();
    const auto object = objects.find(stored.oid);
    if (object == objects.end()) return NotJoined(pack, "its idx has changed");
    Written& written = object->second;
    if (written.offset > 0) return absl::OkStatus();
    Written base;
    if (stored.IsDelta()) {
      const auto found = objects.find(stored.base);
      if (found != objects.end()) base = found->second;
      if (base.offset == 0) return NotJoined(pack, "a delta lies before its base");
      if (base.depth >= kMaxJoinedDepth) return NotJoined(pack, "its chains of deltas become too long");
    }
    const std::int64_t offset = file.offset();
    entry.clear();
    AppendEntryHead(entry, stored.type, stored.size, stored.IsDelta() ? offset - base.offset : 0);
    entry += stored.deflated;
    GREFFE_RETURN_IF_ERROR(file.Append(stored.oid, entry));
    written = {offset, stored.IsDelta() ? base.depth + 1 : 0};
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<JoinedPack> JoinPacks(const std::string& directory,
                                     const std::vector<std::shared_ptr<const PackReader>>& packs,
                                     const std::function<bool()>& cancelled) {
  std::int64_t most = 0;
  for (const auto& pack : packs) most += pack->object_count();
  WrittenById objects;
  objects.reserve(static_cast<std::size_t>(most));
  for (std::size_t i = 0; i < packs.size(); ++i) {
    const absl::Status listed = ListObjects(*packs[i], objects);
    if (IsOfOnePack(listed)) return JoinedPack{"", i, listed};
    GREFFE_RETURN_IF_ERROR(listed);
  }
  GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<PackFile> file,
                          PackFile::Create(directory, static_cast<std::int64_t>(objects.size())));
  for (std::size_t i = 0; i < packs.size(); ++i) {
    absl::Status copied = Copy(*packs[i], objects, *file, cancelled);
    // No entry's checksum covers its id: one that changed on the disk would get a sound idx, and the old pack would go.
    if (copied.ok()) copied = packs[i]->VerifyIndex();
    if (absl::IsCancelled(copied)) return JoinedPack{};
    if (IsOfOnePack(copied)) return JoinedPack{"", i, copied};
    GREFFE_RETURN_IF_ERROR(copied);
  }
  GREFFE_ASSIGN_OR_RETURN(const PackFiles files, file->Finish());
  return JoinedPack{directory + "/" + files.pack_name, std::nullopt, absl::OkStatus()};
}

}  // namespace greffe
