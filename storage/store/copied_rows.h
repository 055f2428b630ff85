// State rows that a backup takes from one journal into another.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/base/errors.h"
#include "storage/journal/journal.h"

namespace greffe {

inline constexpr std::string_view kLockRows = "locks/";

// "" of a row that is no lock's.
inline std::string ProjectOfLockRow(std::string_view key) {
  if (!key.starts_with(kLockRows)) return "";
  key.remove_prefix(kLockRows.size());
  return std::string(key.substr(0, key.find('/')));
}

// Those with `prefix` that are `wanted`.
inline absl::Status CopyStateRows(const Journal& from, std::string_view prefix, Journal& to,
                                  const std::function<bool(std::string_view key)>& wanted) {
  constexpr int kAtOnce = 1000;
  std::string after;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(const auto rows, from.ScanState(prefix, after, kAtOnce));
    if (rows.empty()) return absl::OkStatus();
    after = rows.back().first;
    CommitGroup group;
    for (const auto& [key, value] : rows) {
      if (wanted(key)) group.state.push_back({key, value});
    }
    GREFFE_RETURN_IF_ERROR(to.Append(group));
  }
}

}  // namespace greffe
