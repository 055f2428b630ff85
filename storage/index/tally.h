// Counts of one topic of a project at a moment; see storage/base/tally_rules.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

struct Tally {
  using Entry = std::pair<std::string, std::int64_t>;

  std::int64_t sequence = 0;  // of the commit that last changed it
  std::vector<Entry> counts;  // in byte order of their keys; none is 0

  void Add(const std::string& key, std::int64_t amount);
  // 0 when there is none.
  std::int64_t operator[](std::string_view key) const;
  // The first whose key is not before `key`.
  std::vector<Entry>::const_iterator LowerBound(std::string_view key) const;

  // A row: varints of the sequence, and for each key of how many bytes it shares with the one before, how many follow
  // and these, and the count (zigzag).
  std::string Encode() const;
  // UNAVAILABLE (INDEX_DAMAGED) when it is none.
  static absl::StatusOr<Tally> Decode(std::string_view row);
  // `sequence` of a row, without the rest.
  static absl::StatusOr<std::int64_t> SequenceOf(std::string_view row);
};

}  // namespace greffe
