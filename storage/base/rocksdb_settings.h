// What the journal's database and the index's have in common. For those that link RocksDB.
#pragma once

#include <cstdarg>
#include <cstddef>

#include "rocksdb/env.h"

namespace greffe {

// RocksDB's own log file aborts the process when the disk is full (an assertion that Debian's build keeps), and tells
// nothing that the statuses do not.
class NoLog final : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
  using rocksdb::Logger::Logv;
};

// Of a memtable's memory. Less than the size from which greffed's allocator gives back to the system what is freed: the
// next memtable takes it again, without a page fault for each 4 KiB.
inline constexpr std::size_t kArenaBlockBytes = std::size_t{512} << 10;

}  // namespace greffe
