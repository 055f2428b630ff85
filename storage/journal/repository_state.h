// What the journal knows of one repository without asking the database.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
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

  // Through which commit rows are gone. It is behind an append only where a ref went back.
  std::atomic<Sequence> trimmed = 0;

  // Whether the group fits on what is there; see Journal::Append.
  absl::Status Check(const CommitGroup& group) const;
  // It was appended; `manifests` are those of its commits.
  void Remember(const CommitGroup& group, const std::vector<journal_encoding::Manifest>& manifests);

  // The commit's objects can be found from now on. An object that comes again is found in its last commit.
  void Add(const journal_encoding::Manifest& manifest) {
    const std::unique_lock lock(unpacked_mutex_);
    commits_[manifest.sequence] = manifest.bytes;
    bytes_ += manifest.bytes;
    for (const journal_encoding::ObjectPlace& object : manifest.objects) {
      objects_[object.oid] = {manifest.sequence, static_cast<std::uint32_t>(object.offset),
                              static_cast<std::uint32_t>(object.size), object.type};
    }
  }

  // The commits up to `through` are gone.
  void Forget(Sequence through) {
    const std::unique_lock lock(unpacked_mutex_);
    const auto end = commits_.upper_bound(through);
    for (auto commit = commits_.begin(); commit != end; ++commit) bytes_ -= commit->second;
    commits_.erase(commits_.begin(), end);
    absl::erase_if(objects_, [&](const auto& object) { return object.second.sequence <= through; });
  }

  // These do not wait for an append.
  std::vector<Sequence> UnpackedUpTo(Sequence through) const {
    const std::shared_lock lock(unpacked_mutex_);
    std::vector<Sequence> sequences;
    for (const auto& [sequence, bytes] : commits_) {
      if (sequence <= through) sequences.push_back(sequence);
    }
    return sequences;
  }
  // The first and the last of them.
  std::optional<std::pair<Sequence, Sequence>> Unpacked() const {
    const std::shared_lock lock(unpacked_mutex_);
    if (commits_.empty()) return std::nullopt;
    return std::pair(commits_.begin()->first, commits_.rbegin()->first);
  }
  JournalStats Stats() const {
    const std::shared_lock lock(unpacked_mutex_);
    return {static_cast<std::int64_t>(commits_.size()), bytes_};
  }
  std::optional<ObjectRow> Find(const Oid& oid) const {
    const std::shared_lock lock(unpacked_mutex_);
    const auto found = objects_.find(oid);
    if (found == objects_.end()) return std::nullopt;
    return found->second;
  }

 private:
  // What is not trimmed.
  mutable std::shared_mutex unpacked_mutex_;
  std::map<Sequence, std::int64_t> commits_;  // with their bytes
  std::int64_t bytes_ = 0;                    // of all of them
  absl::flat_hash_map<Oid, ObjectRow, std::hash<Oid>> objects_;
};

}  // namespace greffe
