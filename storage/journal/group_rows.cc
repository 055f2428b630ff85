#include "storage/journal/group_rows.h"

#include <string>
#include <utility>

#include "rocksdb/write_batch.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::size_t kLargestRow = std::size_t{1} << 30;  // RocksDB's limit is 4 GiB

}  // namespace

using namespace journal_encoding;  // NOLINT: one of the encoding's three users

std::size_t RowBytes(const CommitGroup& group) {
  std::size_t size = 4096;
  for (const JournalCommit& commit : group.commits) {
    for (const JournalObject& object : commit.objects) size += object.object.data.size() + 128;
  }
  return size;
}

absl::StatusOr<std::vector<Manifest>> PutRows(const CommitGroup& group, const GroupFamilies& families,
                                              rocksdb::WriteBatch& batch) {
  std::vector<Manifest> manifests;
  manifests.reserve(group.commits.size());
  for (const JournalCommit& commit : group.commits) {
    const std::string key = CommitKey(group.repository, commit.sequence);
    const std::string head = EncodeManifest(commit);
    Manifest manifest{commit.sequence, commit.commit, commit.record_time, {}, {}, 0};
    std::vector<rocksdb::Slice> parts = {head};
    std::size_t size = head.size();
    for (const JournalObject& object : commit.objects) {
      parts.emplace_back(object.object.data);
      manifest.objects.push_back({object.oid, object.object.type, object.predecessor, size, object.object.data.size()});
      size += object.object.data.size();
    }
    if (size > kLargestRow) {
      return Error(absl::StatusCode::kInvalidArgument, "COMMIT_TOO_LARGE",
                   "commit " + std::to_string(commit.sequence) + " of '" + group.repository + "' has " +
                       std::to_string(size) + " bytes, allowed are " + std::to_string(kLargestRow));
    }
    manifest.bytes = static_cast<std::int64_t>(size - head.size());
    const rocksdb::Slice key_slice(key);
    batch.Put(families.commits, rocksdb::SliceParts(&key_slice, 1),
              rocksdb::SliceParts(parts.data(), static_cast<int>(parts.size())));
    manifests.push_back(std::move(manifest));
  }
  for (const RefChange& change : group.refs) {
    batch.Put(families.heads, HeadKey(group.repository, change.ref), EncodeHead(change));
  }
  for (const StateChange& change : group.state) {
    if (change.value) {
      batch.Put(families.state, change.key, *change.value);
    } else {
      batch.Delete(families.state, change.key);
    }
  }
  return manifests;
}

}  // namespace greffe
