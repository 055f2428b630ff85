#include "storage/git/consolidate.h"

#include <deque>
#include <queue>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_writer.h"

namespace greffe {
namespace {

constexpr char kMergeTooLarge[] = "MERGE_TOO_LARGE";
constexpr std::size_t kOverheadBytes = 400;  // of each object: its places in maps and lists

// Everything that is merged, in memory by the id, with what took whose place found by walking the history: two commits'
// trees say which path had which object before. That gives the same deltas as a search would find first, at the price
// of reading each object once. What is deflated, and deltas whose base is still what came next, are written as they
// are: to deflate texts of 4 KiB once more, at a higher level, would cost twice the first time and save 2 %.
class Merger {
 public:
  explicit Merger(std::int64_t most_bytes) : most_bytes_(most_bytes) {}

  // How many of the packs were loaded, from the first on: two at least, or all, or those before a damaged one, or one
  // that is too large. CANCELLED when `cancelled` said so.
  absl::StatusOr<MergedPack> Load(const std::vector<std::shared_ptr<const PackReader>>& packs,
                                  const std::function<bool()>& cancelled) {
    const auto known = [this](const Oid& oid) -> const GitObject* {
      const Loaded* loaded = Find(oid);
      return loaded == nullptr ? nullptr : &loaded->object;
    };
    int count = 0;
    for (std::size_t i = 0; i < packs.size(); ++i) {
      const std::size_t objects = objects_.size();
      const std::size_t commits = commits_.size();
      const std::int64_t bytes = bytes_;
      const absl::Status scanned = packs[i]->Scan(known, [&](const Oid& oid, absl::StatusOr<PackedObject> packed) {
        if (++count % 1024 == 0 && cancelled()) return absl::CancelledError();
        if (by_oid_.contains(oid)) return absl::OkStatus();
        return packed.ok() ? Keep(*packs[i], oid, *std::move(packed)) : packed.status();
      });
      if (ReasonOf(scanned) == kMergeTooLarge) {
        // Of the first two one takes more than half.
        if (i < 2) return MergedPack{"", i == 1 && bytes > most_bytes_ / 2 ? 0 : i, absl::OkStatus(), true};
        // A chain of deltas may inflate to forty times its size: that it is too much is found here.
        Forget(objects, commits);
        return MergedPack{"", i, absl::OkStatus(), false};
      }
      if (absl::IsDataLoss(scanned)) return MergedPack{"", i, scanned, false};
      GREFFE_RETURN_IF_ERROR(scanned);
    }
    return MergedPack{"", packs.size(), absl::OkStatus(), false};
  }

  // Objects with their predecessors, oldest first.
  absl::StatusOr<std::vector<PackInput>> Order() {
    inputs_.reserve(objects_.size());
    GREFFE_RETURN_IF_ERROR(SortCommits());
    for (const Oid& oid : commits_) {
      const CommitLinks& links = links_.at(oid);
      Oid parent_tree;
      if (!links.parents.empty()) {
        if (const auto parent = links_.find(links.parents[0]); parent != links_.end())
          parent_tree = parent->second.tree;
      }
      Add(oid, Oid{});
      GREFFE_RETURN_IF_ERROR(WalkTree(links.tree, parent_tree));
    }
    for (const Loaded& loaded : objects_) Add(loaded.oid, Oid{});  // what no commit here reaches
    return std::move(inputs_);
  }

 private:
  struct Loaded {
    Oid oid;
    GitObject object;
    std::string deflated;  // of the object or of its delta
    std::int64_t delta_bytes = 0;
    Oid base;
    bool added = false;
  };
  struct CommitLinks {
    Oid tree;
    std::vector<Oid> parents;
  };
  template <typename Value>
  using ByOid = absl::flat_hash_map<Oid, Value, std::hash<Oid>>;

  Loaded* Find(const Oid& oid) {
    const auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : found->second;
  }

  absl::Status Keep(const PackReader& pack, const Oid& oid, PackedObject packed) {
    if (packed.streamed_bytes > 0) return TooLarge();
    // What is merged is written anew with checksums that fit: damage that got in would be found much later.
    if (HashObject(packed.object.type, packed.object.data) != oid) {
      return Damaged(pack.base() + ".pack", "object " + oid.Hex() + " has another hash");
    }
    bytes_ += static_cast<std::int64_t>(packed.object.data.size() + packed.deflated.size() + kOverheadBytes);
    if (bytes_ > most_bytes_) return TooLarge();
    if (packed.object.type == ObjectType::kCommit) {
      GREFFE_ASSIGN_OR_RETURN(CommitObject commit, ParseCommit(packed.object.data));
      links_[oid] = {commit.tree, std::move(commit.parents)};
      commits_.push_back(oid);
    }
    Loaded& loaded = objects_.emplace_back();
    loaded = {oid, std::move(packed.object), std::string(packed.deflated), packed.delta_bytes, packed.base};
    // What it was made from was not held against the id that the idx gives it.
    if (loaded.delta_bytes > 0 && !by_oid_.contains(loaded.base)) loaded.deflated.clear();
    by_oid_[oid] = &loaded;
    return absl::OkStatus();
  }

  static absl::Status TooLarge() {
    return Error(absl::StatusCode::kResourceExhausted, kMergeTooLarge, "too much to merge in memory");
  }

  // What came after the first `objects` and `commits`; none of these is made from it.
  void Forget(std::size_t objects, std::size_t commits) {
    for (; objects_.size() > objects; objects_.pop_back()) by_oid_.erase(objects_.back().oid);
    for (; commits_.size() > commits; commits_.pop_back()) links_.erase(commits_.back());
  }

  absl::Status SortCommits() {
    // Parents before children.
    ByOid<std::vector<Oid>> children;
    ByOid<int> missing;
    for (const Oid& oid : commits_) {
      int& count = missing[oid];
      for (const Oid& parent : links_.at(oid).parents) {
        if (!links_.contains(parent)) continue;
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
    Loaded* loaded = Find(oid);
    if (loaded == nullptr || loaded->added) return false;
    loaded->added = true;
    inputs_.push_back({oid,
                       loaded->object.type,
                       loaded->object.data,
                       predecessor,
                       {loaded->deflated, loaded->delta_bytes, loaded->base}});
    return true;
  }

  absl::Status WalkTree(const Oid& tree, const Oid& before) {
    if (tree == before) return absl::OkStatus();
    const Loaded* loaded = Find(tree);
    if (loaded == nullptr || !Add(tree, before)) return absl::OkStatus();
    const Loaded* old = Find(before);
    std::string_view entries = loaded->object.data;
    std::string_view old_entries = old == nullptr ? std::string_view() : old->object.data;
    TreeEntryView old_entry;
    bool has_old = false;
    while (!entries.empty()) {
      GREFFE_ASSIGN_OR_RETURN(const TreeEntryView entry, TakeTreeEntry(entries));
      // Both are in git's order.
      while (!has_old || TreeNameLess(old_entry.name, old_entry.IsTree(), entry.name, entry.IsTree())) {
        has_old = !old_entries.empty();
        if (!has_old) break;
        GREFFE_ASSIGN_OR_RETURN(old_entry, TakeTreeEntry(old_entries));
      }
      const bool same = has_old && old_entry.name == entry.name && old_entry.IsTree() == entry.IsTree();
      if (same && old_entry.raw_oid == entry.raw_oid) continue;
      const Oid oid = *Oid::FromRaw(entry.raw_oid);
      const Oid predecessor = same ? *Oid::FromRaw(old_entry.raw_oid) : Oid{};
      if (entry.IsTree()) {
        GREFFE_RETURN_IF_ERROR(WalkTree(oid, predecessor));
      } else {
        Add(oid, predecessor);
      }
    }
    return absl::OkStatus();
  }

  const std::int64_t most_bytes_;
  std::int64_t bytes_ = 0;      // in memory
  std::deque<Loaded> objects_;  // they stay where they are
  ByOid<Loaded*> by_oid_;
  ByOid<CommitLinks> links_;
  std::vector<Oid> commits_;
  std::vector<PackInput> inputs_;
};

}  // namespace

absl::StatusOr<MergedPack> MergePacks(const std::string& directory,
                                      const std::vector<std::shared_ptr<const PackReader>>& packs,
                                      const std::function<bool()>& cancelled, std::int64_t most_bytes) {
  Merger merger(most_bytes);
  absl::StatusOr<MergedPack> merged = merger.Load(packs, cancelled);
  if (absl::IsCancelled(merged.status())) return MergedPack{};
  if (!merged.ok() || !merged->damage.ok() || merged->is_too_large) return merged;
  GREFFE_ASSIGN_OR_RETURN(std::vector<PackInput> inputs, merger.Order());
  if (FaultIsOn("merge-forgets")) inputs.pop_back();
  GREFFE_ASSIGN_OR_RETURN(const PackFiles files, WritePackFiles(directory, inputs));
  merged->base = directory + "/" + files.pack_name;
  return merged;
}

}  // namespace greffe
