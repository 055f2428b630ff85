#include "storage/base/record_bytes.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/errors.h"
#include "storage/base/record_kinds.h"

namespace greffe {
namespace {

using google::protobuf::Message;

// As it is answered: a baseline's documents, say, are in git alone.
std::size_t AnsweredBytes(const Message& record) {
  const std::unique_ptr<Message> answered(record.New());
  answered->CopyFrom(record);
  ClearOutputFields(*answered);
  const RecordKind* kind = FindRecordKind(record.GetDescriptor()->options().GetExtension(v1::record).collection());
  if (kind != nullptr && kind->compute != nullptr) kind->compute(*answered);
  return answered->ByteSizeLong();
}

absl::Status RecordFull(const Message& record, std::size_t bytes, std::size_t allowed) {
  return Error(absl::StatusCode::kFailedPrecondition, "RECORD_FULL",
               absl::StrCat("'", NameOf(record), "' would have ", bytes, " bytes; ", allowed, " are allowed"),
               {{"resource", NameOf(record)}, {"bytes", std::to_string(bytes)}, {"allowed", std::to_string(allowed)}});
}

}  // namespace

absl::Status CheckRecordBytes(const Message& record, const Message* former) {
  if (record.ByteSizeLong() <= kMaxRecordBytes) return absl::OkStatus();
  const std::size_t bytes = AnsweredBytes(record);
  if (bytes <= kMaxRecordBytes || (former != nullptr && bytes <= AnsweredBytes(*former))) return absl::OkStatus();
  return RecordFull(record, bytes, kMaxRecordBytes);
}

absl::Status CheckRoomToRepeat(const Message& record) {
  if (record.ByteSizeLong() <= kMaxRepeatedBytes) return absl::OkStatus();
  const std::size_t bytes = AnsweredBytes(record);
  return bytes <= kMaxRepeatedBytes ? absl::OkStatus() : RecordFull(record, bytes, kMaxRepeatedBytes);
}

}  // namespace greffe
