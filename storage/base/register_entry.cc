#include "storage/base/register_entry.h"

#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
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
  google::protobuf::UnknownFieldSet fields;
  fields.AddLengthDelimited(FieldOf(kind)->number(), std::string(record));
  std::string entry;
  fields.SerializeToString(&entry);
  return entry;
}

const std::string& EntryFieldName(const RecordKind& kind) { return FieldOf(kind)->name(); }

}  // namespace greffe
