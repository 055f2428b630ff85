#include "storage/journal/database.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/listener.h"
#include "rocksdb/memtablerep.h"
#include "rocksdb/table.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/kept_memory.h"
#include "storage/journal/log_check.h"
#include "storage/journal/zeroed_logs.h"

namespace greffe {
namespace {

// Of RocksDB's sixteen most take longer to make, for each open anew, than the few files that there are.
constexpr int kOpeningThreads = 1;

// RocksDB's own log file aborts the process when the disk is full (an assertion that Debian's build keeps), and tells
// nothing that the statuses do not.
class NoLog final : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
  using rocksdb::Logger::Logv;
};

// When there is space again RocksDB would go on by itself at some moment, behind a log that ends in half a record. The
// journal opens it again instead.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

struct Contents {
  std::uint64_t first_log = 0;      // that counts: of those before it all is in tables, and some may be deleted
  std::uint64_t last_sequence = 0;  // that RocksDB reads
};

std::uint64_t FirstLog(rocksdb::DB& db) {
  std::uint64_t number = 0;
  return db.GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &number) ? number : 0;
}

// Opens for reading, so that another format stays untouched. All families: of the default one alone RocksDB reads no
// log that only others need, and knows of no record in it.
absl::StatusOr<Contents> CheckFormat(const std::string& directory) {
  rocksdb::DBOptions options;
  options.info_log = std::make_shared<NoLog>();
  options.max_file_opening_threads = kOpeningThreads;
  options.allow_concurrent_memtable_write = false;
  rocksdb::ColumnFamilyOptions unsorted;  // nothing is read from the others
  unsorted.memtable_factory = std::make_shared<rocksdb::VectorRepFactory>();
  std::vector<std::string> names;
  GREFFE_RETURN_IF_ERROR(FromJournalStatus(rocksdb::DB::ListColumnFamilies(options, directory, &names)));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) {
    const bool is_default = name == rocksdb::kDefaultColumnFamilyName;
    descriptors.emplace_back(name, is_default ? rocksdb::ColumnFamilyOptions() : unsorted);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* raw = nullptr;
  GREFFE_RETURN_IF_ERROR(
      FromJournalStatus(rocksdb::DB::OpenForReadOnly(options, directory, descriptors, &families, &raw)));
  const std::unique_ptr<rocksdb::DB> db(raw);
  for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  const Contents contents{FirstLog(*db), db->GetLatestSequenceNumber()};
  std::string value;
  const rocksdb::Status read = db->Get(rocksdb::ReadOptions(), kJournalFormatKey, &value);
  if (read.IsNotFound()) return contents;  // killed while it was made
  GREFFE_RETURN_IF_ERROR(FromJournalStatus(read));
  const int format = std::atoi(value.c_str());
  if (format == kJournalFormat) return contents;
  if (format < kJournalFormat) {
    return Error(absl::StatusCode::kFailedPrecondition, "JOURNAL_FORMAT_OLDER",
                 "journal in '" + directory + "' has format " + value + ", this program needs " +
                     std::to_string(kJournalFormat) +
                     ": run `greffe-admin flush` of the version that wrote it, then remove the folder");
  }
  return Error(absl::StatusCode::kFailedPrecondition, "JOURNAL_FORMAT_NEWER",
               "journal in '" + directory + "' has format " + value + ", this program knows up to " +
                   std::to_string(kJournalFormat));
}

absl::Status HasRead(const std::string& directory, std::uint64_t next_sequence, std::uint64_t last_sequence) {
  if (last_sequence + 1 >= next_sequence) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
               "journal is damaged: records up to " + std::to_string(next_sequence - 1) + " are in the logs of " +
                   directory + ", and " + std::to_string(last_sequence) + " are read");
}

absl::StatusOr<CheckedLogs> CheckFiles(const RocksDbJournalOptions& options) {
  GREFFE_ASSIGN_OR_RETURN(const bool is_there, HasJournal(options.directory));
  if (!is_there) return CheckedLogs();
  GREFFE_ASSIGN_OR_RETURN(Contents contents, CheckFormat(options.directory));
  if (!options.read_only) {
    GREFFE_ASSIGN_OR_RETURN(CheckedLogs logs,
                            CheckLogs(options.directory, {contents.first_log, contents.last_sequence}));
    GREFFE_RETURN_IF_ERROR(HasRead(options.directory, logs.next_sequence, contents.last_sequence));
    return logs;
  }
  while (true) {
    absl::StatusOr<CheckedLogs> logs = CheckLogs(options.directory, {contents.first_log, contents.last_sequence});
    if (logs.ok()) return logs;
    // The process that writes may have begun new logs meanwhile, and deleted some of these.
    GREFFE_ASSIGN_OR_RETURN(const Contents now, CheckFormat(options.directory));
    if (now.first_log == contents.first_log) return logs;
    contents = now;
  }
}

}  // namespace

// RocksDB takes a folder without CURRENT for a new database: it writes one over what is there, which it deletes at the
// next opening. A journal that was killed while it was made has its first MANIFEST alone.
absl::StatusOr<bool> HasJournal(const std::string& directory) {
  if (!FileExists(directory)) return false;
  if (FileExists(directory + "/CURRENT")) return true;
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  for (const std::string& name : names) {
    const bool of_database = name.ends_with(".sst") || name.ends_with(".log") || name.starts_with("MANIFEST-");
    if (!of_database || name == "MANIFEST-000001") continue;
    return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                 "journal is damaged: " + directory + "/CURRENT is missing, and '" + name + "' is there");
  }
  return false;
}

absl::StatusOr<JournalDatabase> OpenJournalDatabase(const RocksDbJournalOptions& options) {
  // A record that a crash cut off was never acknowledged; damage anywhere else is an error. RocksDB takes either for
  // the other at times, hence our own check before.
  GREFFE_ASSIGN_OR_RETURN(const CheckedLogs checked, CheckFiles(options));
  if (!options.read_only) GREFFE_RETURN_IF_ERROR(CutOffTornEnds(checked));
  GREFFE_ASSIGN_OR_RETURN(const auto logs, ListLogs(options.directory));
  rocksdb::DBOptions database;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  database.max_total_wal_size = 4 * static_cast<std::uint64_t>(options.write_buffer_bytes);
  database.enable_pipelined_write = true;
  database.info_log = std::make_shared<NoLog>();
  database.listeners.push_back(std::make_shared<NoRecovery>());
  database.max_background_jobs = 2;
  database.max_file_opening_threads = kOpeningThreads;
  database.env = ZeroedLogsEnv();
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = static_cast<std::size_t>(options.write_buffer_bytes);
  family.arena_block_size = std::min(kKeptBlockBytes, family.write_buffer_size / 8);
  family.compression = rocksdb::kNoCompression;  // what lies here is packed within seconds
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset();
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, family}, {"commits", family}, {"heads", family}, {"state", family}};
  JournalDatabase opened;
  rocksdb::DB* db = nullptr;
  GREFFE_RETURN_IF_ERROR(FromJournalStatus(
      options.read_only ? rocksdb::DB::OpenForReadOnly(database, options.directory, descriptors, &opened.families, &db)
                        : rocksdb::DB::Open(database, options.directory, descriptors, &opened.families, &db)));
  opened.db.reset(db);
  if (!options.read_only) return opened;
  absl::Status read = HasRead(options.directory, checked.next_sequence, db->GetLatestSequenceNumber());
  // Logs that count were read if they were there to the end: RocksDB does not miss those that it does not find.
  for (const auto& [number, path] : logs) {
    if (number < FirstLog(*db) || FileExists(path)) continue;
    read = Error(absl::StatusCode::kUnavailable, "JOURNAL_CHANGED", "the journal changed while it was opened");
  }
  if (read.ok()) return opened;
  opened.Close();
  return read;
}

void JournalDatabase::Close() {
  for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  families.clear();
  db->Close().PermitUncheckedError();
  db.reset();
}

absl::Status FromJournalStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) {
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "journal: no space left: " + status.ToString());
  }
  if (status.IsCorruption()) {
    return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED", "journal is damaged: " + status.ToString());
  }
  return Error(absl::StatusCode::kUnavailable, "IO_ERROR", "journal: " + status.ToString());
}

}  // namespace greffe
