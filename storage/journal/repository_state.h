// What the journal knows of one repository without asking the database.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "storage/journal/encoding.h"
#include "storage/journal/journal.h"

namespace greffe {

// Where in the rows of the commits an object lies.
struct ObjectRow {
  Sequence sequence = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  ObjectType type = ObjectType::kBlob;
};

struct RepositoryState {
  // Held over an append: the compare and the set of a ref are one step, and two appends to one repository never share a
  // sync anyhow, since the second one builds on the first. Groups of different repositories do: in one append, or by
  // RocksDB's write groups.
  std::mutex mutex;
  std::map<std::string, Head> heads;
  std::map<Sequence, std::int64_t> unpacked;  // bytes of the commits that are not trimmed
  std::int64_t unpacked_bytes = 0;            // of all of them

  // Whether the group fits on what is there; see Journal::Append.
  absl::Status Check(const CommitGroup& group) const;
  // It was appended; `manifests` are those of its commits.
  void Remember(const CommitGroup& group, const std::vector<journal_encoding::Manifest>& manifests);

  // The commit's objects can be found from now on. An object that comes again is found in its last commit.
  void Add(const journal_encoding::Manifest& manifest) {
    unpacked[manifest.sequence] = manifest.bytes;
    unpacked_bytes += manifest.bytes;
    const std::unique_lock lock(objects_mutex_);
    for (const journal_encoding::ObjectPlace& object : manifest.objects) {
      objects_[object.oid] = {manifest.sequence, static_cast<std::uint32_t>(object.offset),
                              static_cast<std::uint32_t>(object.size), object.type};
    }
  }

  // The commits up to `through` are gone.
  void Forget(Sequence through) {
    const auto end = unpacked.upper_bound(through);
    for (auto commit = unpacked.begin(); commit != end; ++commit) unpacked_bytes -= commit->second;
    unpacked.erase(unpacked.begin(), end);
    const std::unique_lock lock(objects_mutex_);
    std::erase_if(objects_, [&](const auto& object) { return object.second.sequence <= through; });
  }

  // Does not wait for an append.
  std::optional<ObjectRow> Find(const Oid& oid) const {
    const std::shared_lock lock(objects_mutex_);
    const auto found = objects_.find(oid);
    if (found == objects_.end()) return std::nullopt;
    return found->second;
  }

 private:
  mutable std::shared_mutex objects_mutex_;
  std::unordered_map<Oid, ObjectRow> objects_;
};

}  // namespace greffe
