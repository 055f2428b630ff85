// Tells a record that a crash cut off from a log that is damaged, before RocksDB reads its write-ahead logs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

// What ends each record, so that one whose end never reached the disk is told from a whole one: logs go on with zeros
// behind what was appended (zeroed_logs.h).
inline constexpr char kRecordEnd[] = ".";

struct CheckedLogs {
  struct End {
    std::string path;
    std::int64_t size = 0;  // of its whole records
  };

  std::uint64_t next_sequence = 0;  // of RocksDB's, after the last whole record; 0 when there is none
  std::vector<End> torn;            // logs whose last record is there in part
};

// What the database's tables tell about its logs.
struct LogsToCheck {
  std::uint64_t first_log = 0;      // those before count no more
  std::uint64_t last_sequence = 0;  // that the database knows of; 0: none
};

// Reads the write-ahead logs of the RocksDB database in `directory` that count. Each record
// is synced before the next one is written, so after a crash at most the last one may be there in part: cut short, or
// with zeros for sectors that never reached the disk. RocksDB itself cannot tell this from damage: it refuses some such
// records, and where the damage looks like the end of a log to it, it drops whole records behind it without a word.
//
// DATA_LOSS (JOURNAL_DAMAGED), naming file and offset: a record is damaged, or records between two whole ones are gone.
// Every single bit that was flipped in a whole record is found; for that, of the last records that a crash left in
// part, one in 16,000 at worst (of 32 KiB or more) is taken for one with a flipped bit.
//
// Layout: https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format. May run beside a process that writes.
absl::StatusOr<CheckedLogs> CheckLogs(const std::string& directory, const LogsToCheck& which = {});

// Cuts off what a crash left of last records, so that RocksDB meets whole ones alone. Durable when it returns.
absl::Status CutOffTornEnds(const CheckedLogs& logs);

// The logs of a RocksDB database by number, oldest first, with their paths.
absl::StatusOr<std::vector<std::pair<std::uint64_t, std::string>>> ListLogs(const std::string& directory);

}  // namespace greffe
