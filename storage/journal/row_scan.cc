#include "storage/journal/row_scan.h"

#include "rocksdb/iterator.h"
#include "storage/base/errors.h"
#include "storage/journal/database.h"

namespace greffe {
namespace {

bool IsWithin(const rocksdb::Iterator& row, std::string_view prefix) {
  return row.Valid() && row.key().starts_with({prefix.data(), prefix.size()});
}

}  // namespace

absl::StatusOr<JournalRows> ScanRows(rocksdb::Iterator& row, std::string_view prefix, std::string_view after,
                                     int limit) {
  JournalRows rows;
  row.Seek(after >= prefix && !after.empty() ? std::string(after) + '\0' : std::string(prefix));
  for (; IsWithin(row, prefix) && static_cast<int>(rows.size()) < limit; row.Next()) {
    rows.emplace_back(row.key().ToString(), row.value().ToString());
  }
  GREFFE_RETURN_IF_ERROR(FromJournalStatus(row.status()));
  return rows;
}

absl::StatusOr<JournalRows> ScanRowsBackwards(rocksdb::Iterator& row, std::string_view prefix, std::string_view before,
                                              int limit) {
  JournalRows rows;
  std::string end(before);
  if (before.empty()) {  // the first text after all that begin so
    end = prefix;
    ++end.back();
  }
  row.SeekForPrev(end);
  if (row.Valid() && row.key() == rocksdb::Slice(end)) row.Prev();
  for (; IsWithin(row, prefix) && static_cast<int>(rows.size()) < limit; row.Prev()) {
    rows.emplace_back(row.key().ToString(), row.value().ToString());
  }
  GREFFE_RETURN_IF_ERROR(FromJournalStatus(row.status()));
  return rows;
}

}  // namespace greffe
