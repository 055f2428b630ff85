// The open database behind Index. Only this folder includes it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "storage/index/index.h"
#include "storage/index/row_cache.h"

namespace greffe {

struct Index::State {
  IndexOptions options;
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* meta = nullptr;  // the default one: "format"
  rocksdb::ColumnFamilyHandle* rows = nullptr;
  rocksdb::ColumnFamilyHandle* current = nullptr;
  rocksdb::ColumnFamilyHandle* content = nullptr;
  std::unique_ptr<RowCache> cached;  // of `current`: documents and records

  std::function<void(const absl::Status&)> on_damage;
  mutable std::atomic<bool> damaged = false;
  // Shared by writes; alone by KeepLatestContent, so that no commit comes between its look and its row. Never held over
  // more than a write to memory.
  std::shared_mutex latest_mutex;

  ~State();

  // FromIndexStatus; what is corrupt is marked for the next start, and told once.
  absl::Status Check(const rocksdb::Status& status) const;
  // The same of what became of a row: RocksDB's checksums say nothing of one that was written wrongly.
  absl::Status CheckRow(absl::Status status) const;
  template <typename Value>
  absl::StatusOr<Value> CheckRow(absl::StatusOr<Value> value) const {
    if (!value.ok()) CheckRow(value.status()).IgnoreError();
    return value;
  }

  absl::StatusOr<std::optional<std::string>> Get(rocksdb::ColumnFamilyHandle* family, std::string_view key) const;
  // The row of `current` of a document or a record, from memory when it was read lately.
  absl::StatusOr<std::optional<std::string>> GetCurrent(std::string_view key) const;

  // An iterator over `rows`, kept within [.., upper): the caller keeps `upper` alive.
  std::unique_ptr<rocksdb::Iterator> NewIterator(const rocksdb::Slice* upper) const;
  std::unique_ptr<rocksdb::Iterator> NewIterator(rocksdb::ColumnFamilyHandle* family,
                                                 const rocksdb::Slice* upper) const;

  // The value of the newest row of `prefix` at or before `sequence`.
  absl::StatusOr<std::optional<std::string>> GetAt(std::string prefix, std::int64_t sequence) const;
};

// UNAVAILABLE (INDEX_DAMAGED) for corruption, RESOURCE_EXHAUSTED (DISK_FULL) for no space, else UNAVAILABLE.
absl::Status FromIndexStatus(const rocksdb::Status& status);
// Whether asking again would not help, and an index made anew does.
bool IsDamage(const rocksdb::Status& status);

inline rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// A message out of a row; UNAVAILABLE (INDEX_DAMAGED) when it is none.
template <typename Message>
absl::StatusOr<Message> ParseRow(std::string_view row);

// UNAVAILABLE (INDEX_DAMAGED): a row is not what it should be. What answers with it has State::CheckRow see it.
absl::Status DamagedRow(const std::string& what);

template <typename Message>
absl::StatusOr<Message> ParseRow(std::string_view row) {
  Message message;
  if (!message.ParseFromArray(row.data(), static_cast<int>(row.size()))) {
    return DamagedRow(Message::descriptor()->name());
  }
  return message;
}

// The number that a row is, as keys::AppendVarint wrote it; UNAVAILABLE (INDEX_DAMAGED), naming `what`, when it is
// none.
absl::StatusOr<std::int64_t> ParseNumberRow(std::string_view row, const std::string& what);

// The message's bytes, equal for equal messages (maps in key order).
std::string SerializeRow(const google::protobuf::MessageLite& message);

// A row of kChange: the project's counts after the commit, and the change.
struct ChangeRow {
  std::int64_t document_count = 0;
  std::int64_t version_count = 0;
  v1::Change change;

  std::string Encode();
  static absl::StatusOr<ChangeRow> Decode(std::string_view row);
  // Without the change's entries, of which a large commit has thousands.
  static absl::StatusOr<ChangeRow> DecodeHead(std::string_view row);
};

}  // namespace greffe
