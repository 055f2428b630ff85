// The rows that an append writes.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/journal/encoding.h"
#include "storage/journal/journal.h"

namespace rocksdb {
class ColumnFamilyHandle;
class WriteBatch;
}  // namespace rocksdb

namespace greffe {

struct GroupFamilies {
  rocksdb::ColumnFamilyHandle* commits;
  rocksdb::ColumnFamilyHandle* heads;
  rocksdb::ColumnFamilyHandle* state;
};

// About how many bytes they are.
std::size_t RowBytes(const CommitGroup& group);

// Puts them into `batch`; where in them the objects of each commit lie. INVALID_ARGUMENT (COMMIT_TOO_LARGE).
absl::StatusOr<std::vector<journal_encoding::Manifest>> PutRows(const CommitGroup& group, const GroupFamilies& families,
                                                                rocksdb::WriteBatch& batch);

}  // namespace greffe
