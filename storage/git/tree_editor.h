// The latest tree of a repository, kept decoded, so that a commit rewrites the trees on the way to what it changed and
// reads none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/git_object.h"
#include "storage/base/oid.h"

namespace greffe {

// Reads a tree that must exist; DATA_LOSS otherwise.
using ObjectReader = std::function<absl::StatusOr<GitObject>(const Oid&)>;

// Not thread-safe.
class TreeEditor {
 public:
  // Begins at `root`; zero: the empty tree.
  TreeEditor(const Oid& root, ObjectReader reader);
  ~TreeEditor();

  // Puts a blob at `path`, with the folders that it needs; what was there gives way. Returns the oid that was there
  // before; zero: none.
  absl::StatusOr<Oid> Set(std::string_view path, const Oid& blob);
  // Takes the entry at `path` away, and the folders that this leaves empty. OK when there is none.
  absl::Status Remove(std::string_view path);
  // The blob at `path`; zero when there is none.
  absl::StatusOr<Oid> Find(std::string_view path);

  struct NewTree {
    Oid oid;
    std::string data;
    Oid predecessor;  // the tree that was at the same place at the last Write; zero: none
  };
  // The root's oid after the edits, and every tree that changed since the last Write, deepest first.
  absl::StatusOr<Oid> Write(std::vector<NewTree>& changed);

  // Entries held in memory: what a bound on caches goes by.
  std::int64_t entry_count() const;

 private:
  struct Node;
  absl::Status Load(Node& node);
  void Serialize(Node& node, std::vector<NewTree>& changed);

  ObjectReader reader_;
  std::unique_ptr<Node> root_;
  std::int64_t entry_count_ = 0;
};

}  // namespace greffe
