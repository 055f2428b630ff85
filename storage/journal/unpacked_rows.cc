#include "storage/journal/unpacked_rows.h"

#include <algorithm>
#include <cstdint>
#include <memory>

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

namespace {

// Appends go on by one (RepositoryState::Check) and trims take the first ones away: what is left ends with the newest,
// and is looked for from there. Before it lie rows that an iterator goes through one by one until RocksDB has compacted
// what was trimmed. `newest` + 1: all are trimmed.
absl::StatusOr<Sequence> FirstUnpacked(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* commits,
                                       const std::string& repository, Sequence newest) {
  Sequence trimmed = 0;
  Sequence first = newest + 1;
  // In ever longer steps down to one that is not there, then halfway between both.
  for (Sequence step = 1; first - trimmed > 1; step *= 2) {
    const Sequence asked = trimmed == 0 ? std::max<Sequence>(first - step, 1) : trimmed + (first - trimmed) / 2;
    rocksdb::PinnableSlice row;
    const rocksdb::Status read = database.Get(rocksdb::ReadOptions(), commits, CommitKey(repository, asked), &row);
    if (!read.IsNotFound()) GREFFE_RETURN_IF_ERROR(FromJournalStatus(read));
    (read.IsNotFound() ? trimmed : first) = asked;
  }
  return first;
}

}  // namespace

absl::Status LoadUnpacked(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* commits, const std::string& repository,
                          RepositoryState& state) {
  const Sequence newest = state.Newest();
  GREFFE_ASSIGN_OR_RETURN(const Sequence first, FirstUnpacked(database, commits, repository, newest));
  if (first > newest) return absl::OkStatus();
  const std::string end = CommitKey(repository, newest + 1);
  const rocksdb::Slice bound = end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> row(database.NewIterator(options, commits));
  for (row->Seek(CommitKey(repository, first)); row->Valid(); row->Next()) {
    GREFFE_ASSIGN_OR_RETURN(const Manifest manifest, DecodeRow(repository, *row));
    state.Add(manifest);
  }
  return FromJournalStatus(row->status());
}

}  // namespace greffe
