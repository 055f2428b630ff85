#include "storage/base/register_entry.h"

#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;

// nullptr: the kind is no register's.
const FieldDescriptor* FieldOf(const RecordKind& kind) {
  const auto* entry = v1::Entry::descriptor();
  for (int i = 0; i < entry->field_count(); ++i) {
    if (entry->field(i)->message_type() == kind.prototype->GetDescriptor()) return entry->field(i);
  }
  return nullptr;
}

}  // namespace

bool IsRegister(const RecordKind& kind) {
  return kind.prototype->GetDescriptor()->options().HasExtension(v1::register_policy);
}

absl::StatusOr<const RecordKind*> FindRegister(std::string_view collection, const std::string& field) {
  const RecordKind* kind = FindRecordKind(collection);
  if (kind != nullptr && IsRegister(*kind)) return kind;
  return InvalidField(field, "COLLECTION_UNKNOWN", QuotedValue(collection) + ": there is no such register");
}

absl::StatusOr<const google::protobuf::Message*> EntryIn(const v1::Entry& entry, const std::string& field) {
  const auto& reflection = *entry.GetReflection();
  const FieldDescriptor* set = reflection.GetOneofFieldDescriptor(entry, v1::Entry::descriptor()->oneof_decl(0));
  if (set == nullptr) return InvalidField(field, "FIELD_REQUIRED", "one of the registers' entries is required");
  return &reflection.GetMessage(entry, set);
}

google::protobuf::Message* SetEntry(v1::Entry& entry, const RecordKind& kind) {
  google::protobuf::Message* message = entry.GetReflection()->MutableMessage(&entry, FieldOf(kind));
  message->Clear();
  return message;
}

std::string SerializedEntry(const RecordKind& kind, std::string_view record) {
  using google::protobuf::internal::WireFormatLite;
  std::string entry;
  entry.reserve(record.size() + 8);
  google::protobuf::io::StringOutputStream stream(&entry);
  google::protobuf::io::CodedOutputStream output(&stream);
  output.WriteTag(WireFormatLite::MakeTag(FieldOf(kind)->number(), WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  output.WriteVarint32(static_cast<std::uint32_t>(record.size()));
  output.WriteRaw(record.data(), static_cast<int>(record.size()));
  output.Trim();
  return entry;
}

const std::string& EntryFieldName(const RecordKind& kind) { return FieldOf(kind)->name(); }

}  // namespace greffe
