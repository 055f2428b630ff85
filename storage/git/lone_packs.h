// Packs without their idx, which no reader finds, or with one that cannot be read. A crash leaves one between the two
// renames of a new pack, or the two removals of one that was merged; a disk leaves one that loses a file. They cannot
// be told apart, and the last may be the only place of what it has.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/file_stamp.h"

namespace greffe {

// One from which nothing is read.
struct UnreadPack {
  std::string path;
  absl::Status why;
};

// What was found in a folder, for who opens it again: what has not changed since is not read again.
struct IdxFindings {
  struct Hopeless {
    FileStamp pack;
    FileStamp idx;  // that is damaged, if there is one
    absl::Status why;
  };
  std::set<FileStamp> sound;                 // idx files that were read to their end
  std::map<std::string, Hopeless> hopeless;  // packs of which no idx can be made, by name
};

// Makes the idx of each pack in `folder` that has none, or a damaged one, from the pack itself, synced: what a crash
// left is a pack like others then, and goes with the next merge. A damaged idx is kept beside the new one, with
// kSetAside behind its name. Returns the packs without one of which none can be made; all others stay as they are too.
// For the only process that writes there. `scratch`: a folder of the same file system that is made, and removed.
// `known`: what was found before, and is now.
absl::StatusOr<std::vector<UnreadPack>> MendIdxs(const std::string& folder, const std::string& scratch,
                                                 IdxFindings& known);

// Gives each whole idx in `folder` that still has its temporary name (kTemporaryIdx) the one of its pack, when that
// lies there without one: a process that was killed between the two renames of a new pack made it, and to make it again
// takes long.
absl::Status NameFinishedIdxs(const std::string& folder);

// Ends the name of an idx that was replaced. It goes with its pack.
inline constexpr char kSetAside[] = ".damaged";

}  // namespace greffe
