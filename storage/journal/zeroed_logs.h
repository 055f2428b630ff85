// Logs that are written over zeros, so that a sync writes what was appended and nothing about the file.
#pragma once

#include "rocksdb/env.h"

namespace greffe {

// The system's files (with quota_errors.h), except that what RocksDB names *.log has zeros for kZeroedLogBytes and less
// beyond what was appended. A sync of an append that makes a file longer, or fills blocks that were only set aside for
// it, has to write the file's size and blocks too: a second wait for the disk, a quarter of the whole
// (tests/bench/RESULTS.md). A log that is closed ends with its last record; one that a crash left ends with zeros,
// which RocksDB's reader passes over and CheckLogs knows (log_check.h). Zeros that cannot be written are left out; the
// append then says what is wrong.
//
// Lives as long as the process.
rocksdb::Env* ZeroedLogsEnv();

constexpr int kZeroedLogBytes = 256 << 10;

}  // namespace greffe
