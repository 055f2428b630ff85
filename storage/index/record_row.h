// A record as the index keeps it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/base/record_kinds.h"

namespace greffe {

struct RecordRow {
  std::int64_t sequence = 0;  // of the commit that put it: a version's own `sequence` is that of its check-in
  RecordPtr record;

  std::string Encode() const;
  // Takes the sequence off `row`, which is then the record as it was serialized. UNAVAILABLE (INDEX_DAMAGED) when it
  // has none.
  static absl::StatusOr<std::int64_t> TakeSequence(const RecordKind& kind, std::string_view& row);
  static absl::StatusOr<std::int64_t> CutSequence(const RecordKind& kind, std::string& row);
  // UNAVAILABLE (INDEX_DAMAGED) when it is none.
  static absl::StatusOr<RecordRow> Decode(const RecordKind& kind, std::string_view row);
};

}  // namespace greffe
