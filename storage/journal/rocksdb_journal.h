// The journal on one machine: RocksDB with a synced write-ahead log.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/journal/journal.h"

namespace greffe {

struct RocksDbJournalOptions {
  std::string directory;                       // "<data>/journal"; made when it is not there
  std::int64_t write_buffer_bytes = 64 << 20;  // memtable of each column family, 64 KiB at least; four of them a log
  // For reading beside the process that writes it: what was appended before this opens is there. Every change is
  // refused (FAILED_PRECONDITION, JOURNAL_READ_ONLY).
  bool read_only = false;
  // Told once, when no append will succeed any more (Journal::Health), whoever appended. May be called by any thread.
  std::function<void(const absl::Status&)> on_failure = {};
  bool sync = true;  // off only in tests and benchmarks that prove what it is for
};

// FAILED_PRECONDITION (JOURNAL_FORMAT_NEWER, JOURNAL_FORMAT_OLDER) for another format, and nothing is touched;
// DATA_LOSS (JOURNAL_DAMAGED) naming the file; UNAVAILABLE (JOURNAL_CHANGED) for reading alone, when the process that
// writes was faster: to be tried again.
absl::StatusOr<std::unique_ptr<Journal>> OpenRocksDbJournal(const RocksDbJournalOptions& options);

// Whether there is a journal in `directory`: none when the folder is missing, or a journal was killed there while it
// was made. DATA_LOSS (JOURNAL_DAMAGED) when RocksDB's CURRENT is missing and others of its files are there.
absl::StatusOr<bool> HasJournal(const std::string& directory);

}  // namespace greffe
