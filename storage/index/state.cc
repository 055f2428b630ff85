#include "storage/index/state.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/index/keys.h"

namespace greffe {

Index::State::~State() {
  for (rocksdb::ColumnFamilyHandle* family : {meta, rows, current, content}) {
    if (family != nullptr) db->DestroyColumnFamilyHandle(family);
  }
}

absl::StatusOr<std::optional<std::string>> Index::State::Get(rocksdb::ColumnFamilyHandle* family,
                                                             std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db->Get(rocksdb::ReadOptions(), family, ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Check(status);
  return value;
}

absl::StatusOr<std::optional<std::string>> Index::State::GetCurrent(std::string_view key) const {
  std::string held;
  if (cached->Find(key, held)) return held;
  const std::uint64_t now = cached->Now(key);
  GREFFE_ASSIGN_OR_RETURN(std::optional<std::string> row, Get(current, key));
  if (row) cached->Keep(key, *row, now);
  return row;
}

std::unique_ptr<rocksdb::Iterator> Index::State::NewIterator(const rocksdb::Slice* upper) const {
  return NewIterator(rows, upper);
}

std::unique_ptr<rocksdb::Iterator> Index::State::NewIterator(rocksdb::ColumnFamilyHandle* family,
                                                             const rocksdb::Slice* upper) const {
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = upper;
  return std::unique_ptr<rocksdb::Iterator>(db->NewIterator(read, family));
}

absl::StatusOr<std::optional<std::string>> Index::State::GetAt(std::string prefix, std::int64_t sequence) const {
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const std::unique_ptr<rocksdb::Iterator> row = NewIterator(&upper);
  const std::int64_t moment = sequence + (FaultIsOn("as-of-too-new") ? 1 : 0);
  row->Seek(ToSlice(keys::AtSequence(std::move(prefix), moment)));
  if (row->Valid()) return row->value().ToString();
  if (!row->status().ok()) return Check(row->status());
  return std::nullopt;
}

bool IsDamage(const rocksdb::Status& status) {
  // RocksDB keeps no errno, only what it means. A sector that cannot be read does not come back.
  return status.IsCorruption() ||
         (status.IsIOError() && status.ToString().find(std::strerror(EIO)) != std::string::npos);
}

absl::Status FromIndexStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) {
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "index: no space left: " + status.ToString());
  }
  if (IsDamage(status)) return DamagedRow(status.ToString());
  return Error(absl::StatusCode::kUnavailable, "IO_ERROR", "index: " + status.ToString());
}

absl::Status DamagedRow(const std::string& what) {
  // Nothing is lost: who asks again is answered from an index made anew.
  return Error(absl::StatusCode::kUnavailable, kIndexDamaged,
               "index is damaged: " + what + "; it is made again at the next start");
}

absl::StatusOr<std::int64_t> ParseNumberRow(std::string_view row, const std::string& what) {
  const std::optional<std::uint64_t> number = keys::TakeVarint(row);
  if (!number) return DamagedRow(what);
  return static_cast<std::int64_t>(*number);
}

std::string SerializeRow(const google::protobuf::MessageLite& message) {
  std::string row(message.ByteSizeLong(), '\0');
  google::protobuf::io::ArrayOutputStream output(row.data(), static_cast<int>(row.size()));
  google::protobuf::io::CodedOutputStream coded(&output);
  coded.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&coded);
  return row;
}

std::string ChangeRow::Encode() {
  v1::Change entries;
  entries.mutable_entries()->Swap(change.mutable_entries());
  const std::string first = SerializeRow(change);
  std::string row;
  keys::AppendVarint(row, static_cast<std::uint64_t>(document_count));
  keys::AppendVarint(row, static_cast<std::uint64_t>(version_count));
  keys::AppendVarint(row, first.size());
  row += first;
  row += SerializeRow(entries);
  entries.mutable_entries()->Swap(change.mutable_entries());
  return row;
}

namespace {

absl::StatusOr<ChangeRow> DecodeChange(std::string_view row, bool head_alone) {
  const auto documents = keys::TakeVarint(row);
  const auto versions = keys::TakeVarint(row);
  const auto head = keys::TakeVarint(row);
  if (!documents || !versions || !head || *head > row.size()) return DamagedRow("Change");
  // Two serialised messages one after the other are one message with the fields of both.
  if (head_alone) row = row.substr(0, *head);
  GREFFE_ASSIGN_OR_RETURN(v1::Change change, ParseRow<v1::Change>(row));
  return ChangeRow{static_cast<std::int64_t>(*documents), static_cast<std::int64_t>(*versions), std::move(change)};
}

}  // namespace

absl::StatusOr<ChangeRow> ChangeRow::Decode(std::string_view row) { return DecodeChange(row, false); }

absl::StatusOr<ChangeRow> ChangeRow::DecodeHead(std::string_view row) { return DecodeChange(row, true); }

}  // namespace greffe
