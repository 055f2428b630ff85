// A tree made at once from all its files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/base/oid.h"

namespace greffe {

struct FrozenFile {
  std::string path;
  Oid blob;
};

struct FrozenTree {
  Oid root;
  std::vector<std::pair<Oid, std::string>> trees;  // every tree of it, deepest first
};

// FAILED_PRECONDITION (PATHS_CLASH) naming the path when two files have one path, or one lies below another.
absl::StatusOr<FrozenTree> BuildFrozenTree(std::vector<FrozenFile> files);

}  // namespace greffe
