#include "storage/journal/unpacked_rows.h"

#include <cstdint>
#include <memory>

#include "absl/strings/numbers.h"
#include "storage/base/errors.h"
#include "storage/journal/database.h"

namespace greffe {

using journal_encoding::CommitKey;
using journal_encoding::Manifest;

absl::StatusOr<Manifest> DecodeRow(std::string_view repository, const rocksdb::Iterator& row) {
  const std::string_view key(row.key().data(), row.key().size());
  Sequence sequence = 0;
  for (const char c : key.substr(key.size() < 8 ? 0 : key.size() - 8)) {
    sequence = static_cast<Sequence>(static_cast<std::uint64_t>(sequence) << 8 | static_cast<unsigned char>(c));
  }
  return journal_encoding::DecodeManifest(repository, sequence, {row.value().data(), row.value().size()});
}

absl::Status LoadUnpacked(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* meta,
                          rocksdb::ColumnFamilyHandle* commits, const std::string& repository, RepositoryState& state) {
  std::string value;
  const rocksdb::Status read = database.Get(rocksdb::ReadOptions(), meta, TrimmedKey(repository), &value);
  Sequence trimmed = 0;  // or by a program that did not write it down
  if (!read.IsNotFound()) GREFFE_RETURN_IF_ERROR(FromJournalStatus(read));
  if (read.ok() && !absl::SimpleAtoi(value, &trimmed)) {
    return Damaged("journal", "through which commit '" + repository + "' is trimmed is no number");
  }
  state.trimmed = trimmed;
  // An iterator would go through the rows before one by one until RocksDB has compacted what was trimmed.
  const std::string end = repository + '\1';
  const rocksdb::Slice bound = end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> row(database.NewIterator(options, commits));
  for (row->Seek(CommitKey(repository, trimmed + 1)); row->Valid(); row->Next()) {
    GREFFE_ASSIGN_OR_RETURN(const Manifest manifest, DecodeRow(repository, *row));
    state.Add(manifest);
  }
  return FromJournalStatus(row->status());
}

}  // namespace greffe
