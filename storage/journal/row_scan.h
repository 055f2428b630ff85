// Rows of one family of the journal's database whose keys begin alike; see Journal::ScanState.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace rocksdb {
class Iterator;
}

namespace greffe {

using JournalRows = std::vector<std::pair<std::string, std::string>>;

absl::StatusOr<JournalRows> ScanRows(rocksdb::Iterator& row, std::string_view prefix, std::string_view after,
                                     int limit);
absl::StatusOr<JournalRows> ScanRowsBackwards(rocksdb::Iterator& row, std::string_view prefix, std::string_view before,
                                              int limit);

}  // namespace greffe
