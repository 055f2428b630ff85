// The rows of a repository's commits that are not trimmed.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "storage/journal/encoding.h"
#include "storage/journal/repository_state.h"

namespace greffe {

// Of the row that the iterator is at.
absl::StatusOr<journal_encoding::Manifest> DecodeRow(std::string_view repository, const rocksdb::Iterator& row);

// Adds them to `state`, which has the heads. Costs what is left, not what was trimmed.
absl::Status LoadUnpacked(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* commits, const std::string& repository,
                          RepositoryState& state);

}  // namespace greffe
