#include "storage/index/record_row.h"

#include "storage/base/errors.h"
#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {

std::string RecordRow::Encode() const {
  std::string row;
  keys::AppendVarint(row, static_cast<std::uint64_t>(sequence));
  return row + SerializeRow(*record);
}

absl::StatusOr<std::int64_t> RecordRow::TakeSequence(const RecordKind& kind, std::string_view& row) {
  const auto sequence = keys::TakeVarint(row);
  if (!sequence) return DamagedRow(kind.collection);
  return static_cast<std::int64_t>(*sequence);
}

absl::StatusOr<std::int64_t> RecordRow::CutSequence(const RecordKind& kind, std::string& row) {
  std::string_view record = row;
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t sequence, TakeSequence(kind, record));
  row.erase(0, row.size() - record.size());
  return sequence;
}

absl::StatusOr<RecordRow> RecordRow::Decode(const RecordKind& kind, std::string_view row) {
  RecordRow decoded;
  GREFFE_ASSIGN_OR_RETURN(decoded.sequence, TakeSequence(kind, row));
  decoded.record = kind.New();
  if (!decoded.record->ParseFromArray(row.data(), static_cast<int>(row.size()))) return DamagedRow(kind.collection);
  return decoded;
}

}  // namespace greffe
