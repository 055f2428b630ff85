// The RocksDB database that has the journal's rows: how it is opened, and what it is held against before.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "storage/journal/rocksdb_journal.h"

namespace greffe {

inline constexpr int kJournalFormat = 2;
inline constexpr char kJournalFormatKey[] = "format";  // its row in kMeta
// There, too: through which commit the repository is trimmed.
inline std::string TrimmedKey(std::string_view repository) { return "trimmed/" + std::string(repository); }

enum JournalFamily { kMeta, kCommits, kHeads, kState };

struct JournalDatabase {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // by JournalFamily

  void Close();
};

// Opens or makes the one in `options.directory`, which is there. A record at the end that a crash cut off is dropped.
// FAILED_PRECONDITION (JOURNAL_FORMAT_NEWER, JOURNAL_FORMAT_OLDER) for another format, and nothing is touched;
// DATA_LOSS (JOURNAL_DAMAGED), and nothing is touched either when it is the logs. When it is opened for reading beside
// the process that writes, UNAVAILABLE (JOURNAL_CHANGED) when that one was faster: to be tried again.
absl::StatusOr<JournalDatabase> OpenJournalDatabase(const RocksDbJournalOptions& options);

// RESOURCE_EXHAUSTED (DISK_FULL), DATA_LOSS (JOURNAL_DAMAGED), UNAVAILABLE (IO_ERROR).
absl::Status FromJournalStatus(const rocksdb::Status& status);

}  // namespace greffe
