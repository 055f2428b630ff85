#include "storage/git/frozen_tree.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

class TreeBuilder {
 public:
  explicit TreeBuilder(std::vector<FrozenFile> files) : files_(std::move(files)) {
    // All below one folder follow each other.
    std::sort(files_.begin(), files_.end(), [](const FrozenFile& a, const FrozenFile& b) { return a.path < b.path; });
  }

  absl::StatusOr<FrozenTree> Build() {
    GREFFE_ASSIGN_OR_RETURN(tree_.root, BuildFolder(0, files_.size(), 0));
    return std::move(tree_);
  }

 private:
  // Of files_[begin, end), whose paths have the first `depth` bytes in common.
  absl::StatusOr<Oid> BuildFolder(std::size_t begin, std::size_t end, std::size_t depth) {
    std::vector<TreeEntry> entries;
    while (begin < end) {
      const std::string_view rest = std::string_view(files_[begin].path).substr(depth);
      const std::size_t slash = rest.find('/');
      TreeEntry entry;
      entry.name = rest.substr(0, slash);
      if (slash == std::string_view::npos) {
        entry.oid = files_[begin++].blob;
      } else {
        const std::string folder = files_[begin].path.substr(0, depth + slash + 1);
        std::size_t last = begin + 1;
        while (last < end && files_[last].path.starts_with(folder)) ++last;
        entry.mode = kModeTree;
        GREFFE_ASSIGN_OR_RETURN(entry.oid, BuildFolder(begin, last, folder.size()));
        begin = last;
      }
      entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const TreeEntry& a, const TreeEntry& b) {
      return TreeNameLess(a.name, a.IsTree(), b.name, b.IsTree());
    });
    std::unordered_set<std::string_view> names;
    for (const TreeEntry& entry : entries) {
      if (names.insert(entry.name).second) continue;
      const std::string path = files_[begin - 1].path.substr(0, depth) + entry.name;
      return Error(absl::StatusCode::kFailedPrecondition, "PATHS_CLASH", "two files would lie at '" + path + "'",
                   {{"path", path}});
    }
    std::string data = SerializeTree(entries);
    const Oid oid = HashObject(ObjectType::kTree, data);
    tree_.trees.emplace_back(oid, std::move(data));
    return oid;
  }

  std::vector<FrozenFile> files_;
  FrozenTree tree_;
};

}  // namespace

absl::StatusOr<FrozenTree> BuildFrozenTree(std::vector<FrozenFile> files) {
  return TreeBuilder(std::move(files)).Build();
}

}  // namespace greffe
