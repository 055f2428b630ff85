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

// Adds them to `state`, with what it is to know of those that are gone.
absl::Status LoadUnpacked(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* meta,
                          rocksdb::ColumnFamilyHandle* commits, const std::string& repository, RepositoryState& state);

}  // namespace greffe
