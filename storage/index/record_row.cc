#include "storage/index/record_row.h"

#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {

std::string RecordRow::Encode() const {
  std::string row;
  keys::AppendVarint(row, static_cast<std::uint64_t>(sequence));
  return row + SerializeRow(*record);
}

absl::StatusOr<RecordRow> RecordRow::Decode(const RecordKind& kind, std::string_view row) {
  const auto sequence = keys::TakeVarint(row);
  RecordPtr record = kind.New();
  if (!sequence || !record->ParseFromArray(row.data(), static_cast<int>(row.size()))) {
    return DamagedRow(kind.collection);
  }
  return RecordRow{static_cast<std::int64_t>(*sequence), std::move(record)};
}

}  // namespace greffe
