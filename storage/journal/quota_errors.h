// A quota that is used up, as a disk that is full.
#pragma once

#include <memory>

#include "rocksdb/file_system.h"

namespace greffe {

// `base`, except that a write, or the making of a file, which fails since the user's quota is used up (EDQUOT) fails as
// on a full disk: RocksDB says NoSpace of ENOSPC alone, and what goes by that (RocksDbJournal) took the failure for one
// whose outcome nobody knows.
std::shared_ptr<rocksdb::FileSystem> WithQuotaErrors(std::shared_ptr<rocksdb::FileSystem> base);

}  // namespace greffe
