// A bare git repository on disk: where acknowledged commits end up, for stock git and for us to read.
//
// Thread-safe. Readers may run beside each other and beside one writer (WritePack, MoveRef, Consolidate,
// PlaceLooseObject: one at a time a repository; the store sees to it). A reader holds a generation of the object
// database; consolidation swaps it, and its last reader frees it, so that the space of deleted packs returns. Damage is
// DATA_LOSS (DATA_DAMAGED) naming the file or the object.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/git_object.h"
#include "storage/base/hashing.h"
#include "storage/base/oid.h"
#include "storage/base/pace.h"
#include "storage/git/lone_packs.h"
#include "storage/git/pack_writer.h"
#include "storage/git/verify_objects.h"

namespace greffe {

// libgit2's process-wide settings (mmap windows, cache, no fsync of its own, hash verification on). Once, before
// anything else here; idempotent.
absl::Status InitializeGit();

// A blob's id with detection of SHA-1 collision attacks. INVALID_ARGUMENT (CONTENT_COLLISION) when it finds one.
absl::StatusOr<Oid> HashForeignBlob(std::string_view data);

struct PackSummary {
  std::int32_t pack_count = 0;
  std::int64_t pack_bytes = 0;  // packs and their indexes
  std::int64_t loose_count = 0;
};

class GitRepository {
 public:
  // Opens the bare repository at `path`; makes one when there is none (HEAD on refs/heads/main, and synced: a `git
  // clone` of it works), atomically: built beside and renamed. Sweeps `*.lock`, `tmp_*` and an idx without pack that a
  // killed process left, and gives a pack that has no idx, or a damaged one, its idx (lone_packs.h). A pack that cannot
  // be opened for damage keeps no other one from being read: what is nowhere else is DATA_LOSS, with what is wrong with
  // that pack, and VerifyObjects names it. `idxs` (nullptr: nothing) is what was found at the opening before, and is
  // at this one. `reserve_bytes`: free space that JoinPacks leaves to others.
  static absl::StatusOr<std::unique_ptr<GitRepository>> Open(const std::string& path, IdxFindings* idxs = nullptr,
                                                             std::int64_t reserve_bytes = 0);
  // The same for reading alone: NOT_FOUND when there is none; sweeps nothing.
  static absl::StatusOr<std::unique_ptr<GitRepository>> OpenReadOnly(const std::string& path);
  ~GitRepository();

  const std::string& path() const;

  // nullopt when the repository does not hold it, after looking for new packs once when `refresh`. The hash of what is
  // read is verified.
  absl::StatusOr<std::optional<GitObject>> ReadObject(const Oid& oid, bool refresh = true) const;
  absl::StatusOr<bool> HasObject(const Oid& oid, bool refresh = true) const;

  // nullopt when the ref does not exist.
  absl::StatusOr<std::optional<Oid>> ReadRef(const std::string& ref) const;
  // The refs whose names begin with `prefix`, a folder: "refs/tags/baselines". By name.
  absl::StatusOr<std::vector<std::pair<std::string, Oid>>> ListRefs(const std::string& prefix) const;
  // Durable when it returns. The object must be there.
  absl::Status MoveRef(const std::string& ref, const Oid& target);

  // Writes one pack (and its idx) with these objects, synced in the order pack, idx, directory. Visible to readers when
  // it returns.
  absl::Status WritePack(const std::vector<PackInput>& objects);

  // Merges packs so that sizes grow geometrically (each at least twice the sum of the smaller ones), with deltas along
  // the history of what is merged. Does nothing when the packs are in that shape already, unless `all`. New pack synced
  // before old ones go. Of what memory does not hold at once the smallest are merged: to be called again as long as
  // CountSmallPacks falls. `cancelled` is asked now and then. May run beside WritePack, not beside itself. A pack that
  // is damaged (DATA_LOSS) is told of once, and left out of what is merged from then on.
  absl::Status Consolidate(bool all, const std::function<bool()>& cancelled);

  // The same of packs that are too large for that: they are joined, as they are, once there are several of a size and
  // there is room for all of them twice beside the reserve. Cheap where there is nothing to do. The first one after the
  // opening also removes what a killed process left of one: packs whose objects another one has.
  absl::Status JoinPacks(const std::function<bool()>& cancelled);

  absl::StatusOr<PackSummary> Summarize() const;
  // Packs that are open and can be merged: not too large, nor found damaged. Cheap.
  std::size_t CountSmallPacks() const;

  // Packs that cannot be opened for damage, and those of which no idx could be made at the opening, as far as they are
  // still there.
  std::vector<UnreadPack> ListUnreadPacks() const;

  // Holds every pack and idx against its checksum, and every object, packed or loose, against its id: each finding
  // (ListUnreadPacks among them) is given with its file, each object that is right told to `sound`.
  // Packs that are taken away meanwhile are left out: what took their place was made from objects that were right. OK
  // means that the check ran to its end.
  absl::Status VerifyObjects(const Pace& pace, const DamageFinding& finding, const SoundObject& sound) const;

  // "<path>/objects/ab/cdef...": where a large object lies or will lie (see loose_object.h).
  std::string LooseObjectPath(const Oid& oid) const;
  // Whether a large content may come: INVALID_ARGUMENT (CONTENT_COLLISION) when another one lies under its oid, since
  // git would take one for the other. One that is damaged hinders nobody. (Small contents, which are packed, were
  // looked at by HashForeignBlob: no part of a collision is among them.) Reads the one that is there to its end, unless
  // it was placed or admitted lately.
  absl::Status AdmitLooseObject(const BlobHasher::Result& content) const;
  // Gives the finished loose file at `from` (same file system, synced, of these hashes) its place by a hard link, and
  // syncs the directories. It takes the place of what lies there, unless that is another content: CONTENT_COLLISION;
  // that is read only when it was neither placed nor admitted lately. NOT_FOUND when `from` is not there. Returns
  // whether nothing lay there.
  absl::StatusOr<bool> PlaceLooseObject(const std::string& from, const BlobHasher::Result& content);
  // Takes it away again, when nothing came to name it, unless another file has the place by now. May run beside all
  // others.
  void TakeBackLooseObject(const std::string& from, const Oid& oid);
  // Has a large content lie in our layout, in its place: see BlobLayout. May run beside all others.
  absl::Status LayOutBlob(const Oid& oid, const Sha256& sha256, const std::function<absl::Status()>& room,
                          bool anew = false);

 private:
  absl::Status ForEachLooseObject(const std::function<absl::Status(const Oid&)>& visit) const;

  struct State;
  explicit GitRepository(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace greffe
