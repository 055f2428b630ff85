#include "storage/git/consolidate.h"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_writer.h"

namespace greffe {
namespace {

// Of inflated objects that are merged at once; a chain of deltas may inflate to forty times its size.
constexpr std::int64_t kMaxMergedBytes = std::int64_t{256} << 20;

// Everything that is merged, in memory by the id, with what took whose place found by walking the history: two commits'
// trees say which path had which object before. That gives the same deltas as a search would find first, at the price
// of reading each object once.
class Merger {
 public:
  explicit Merger(const std::vector<std::shared_ptr<const PackReader>>& packs) : packs_(packs) {}

  absl::Status Load(const std::function<bool()>& cancelled, bool& stopped) {
    int count = 0;
    for (const auto& pack : packs_) {
      GREFFE_RETURN_IF_ERROR(pack->ForEach([&](const Oid& oid) -> absl::Status {
        if (stopped || objects_.contains(oid)) return absl::OkStatus();
        if (++count % 1024 == 0 && cancelled()) stopped = true;
        GREFFE_ASSIGN_OR_RETURN(std::optional<GitObject> object, pack->Read(oid));
        if (!object) return Damaged(pack->base() + ".idx", "it lists an object that is not in the pack");
        // What is merged is written anew with hashes that fit: damage that got in would never be found.
        if (HashObject(object->type, object->data) != oid) {
          return Damaged(pack->base() + ".pack", "object " + oid.Hex() + " has another hash");
        }
        bytes_ += static_cast<std::int64_t>(object->data.size());
        if (bytes_ > kMaxMergedBytes) {
          return Error(absl::StatusCode::kResourceExhausted, kMergeTooLarge, "too much to merge in memory");
        }
        if (object->type == ObjectType::kCommit) commits_.push_back(oid);
        objects_.try_emplace(oid, *std::move(object));
        return absl::OkStatus();
      }));
    }
    return absl::OkStatus();
  }

  // Objects with their predecessors, oldest first.
  absl::StatusOr<std::vector<PackInput>> Order() {
    GREFFE_RETURN_IF_ERROR(SortCommits());
    for (const Oid& oid : commits_) {
      GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(objects_.at(oid).data));
      Oid parent_tree;
      if (!commit.parents.empty()) {
        if (const auto parent = objects_.find(commit.parents[0]); parent != objects_.end()) {
          GREFFE_ASSIGN_OR_RETURN(const CommitObject before, ParseCommit(parent->second.data));
          parent_tree = before.tree;
        }
      }
      Add(oid, Oid{});
      GREFFE_RETURN_IF_ERROR(WalkTree(commit.tree, parent_tree));
    }
    for (const auto& [oid, object] : objects_) Add(oid, Oid{});  // what no commit here reaches
    return std::move(inputs_);
  }

 private:
  absl::Status SortCommits() {
    // Parents before children.
    std::unordered_map<Oid, std::vector<Oid>> children;
    std::unordered_map<Oid, int> missing;
    for (const Oid& oid : commits_) {
      GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(objects_.at(oid).data));
      int& count = missing[oid];
      for (const Oid& parent : commit.parents) {
        if (!objects_.contains(parent)) continue;
        children[parent].push_back(oid);
        ++count;
      }
    }
    std::queue<Oid> ready;
    for (const Oid& oid : commits_) {
      if (missing[oid] == 0) ready.push(oid);
    }
    commits_.clear();
    while (!ready.empty()) {
      const Oid oid = ready.front();
      ready.pop();
      commits_.push_back(oid);
      for (const Oid& child : children[oid]) {
        if (--missing[child] == 0) ready.push(child);
      }
    }
    return absl::OkStatus();
  }

  bool Add(const Oid& oid, const Oid& predecessor) {
    const auto object = objects_.find(oid);
    if (object == objects_.end() || !added_.insert(oid).second) return false;
    inputs_.push_back({oid, object->second.type, object->second.data, predecessor});
    return true;
  }

  absl::Status WalkTree(const Oid& tree, const Oid& before) {
    if (tree == before || !objects_.contains(tree) || !Add(tree, before)) return absl::OkStatus();
    GREFFE_ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries, ParseTree(objects_.at(tree).data));
    std::vector<TreeEntry> old_entries;
    if (const auto old = objects_.find(before); old != objects_.end()) {
      GREFFE_ASSIGN_OR_RETURN(old_entries, ParseTree(old->second.data));
    }
    std::unordered_map<std::string_view, const TreeEntry*> by_name;
    for (const TreeEntry& entry : old_entries) by_name[entry.name] = &entry;
    for (const TreeEntry& entry : entries) {
      const auto found = by_name.find(entry.name);
      const bool same_kind = found != by_name.end() && found->second->IsTree() == entry.IsTree();
      const Oid old = same_kind ? found->second->oid : Oid{};
      if (entry.oid == old) continue;
      if (entry.IsTree()) {
        GREFFE_RETURN_IF_ERROR(WalkTree(entry.oid, old));
      } else {
        Add(entry.oid, old);
      }
    }
    return absl::OkStatus();
  }

  const std::vector<std::shared_ptr<const PackReader>>& packs_;
  std::int64_t bytes_ = 0;  // of all objects
  std::unordered_map<Oid, GitObject> objects_;
  std::vector<Oid> commits_;
  std::unordered_set<Oid> added_;
  std::vector<PackInput> inputs_;
};

}  // namespace

absl::StatusOr<std::string> MergePacks(const std::string& directory,
                                       const std::vector<std::shared_ptr<const PackReader>>& packs,
                                       const std::function<bool()>& cancelled) {
  Merger merger(packs);
  bool stopped = false;
  GREFFE_RETURN_IF_ERROR(merger.Load(cancelled, stopped));
  if (stopped) return std::string();
  GREFFE_ASSIGN_OR_RETURN(std::vector<PackInput> inputs, merger.Order());
  if (FaultIsOn("merge-forgets")) inputs.pop_back();
  GREFFE_ASSIGN_OR_RETURN(const PackFiles files, WritePackFiles(directory, inputs, 6));
  return directory + "/" + files.pack_name;
}

}  // namespace greffe
