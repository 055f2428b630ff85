#include "storage/base/table_values.h"

#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/record_fields.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Writes a map field anew.
template <typename Map, typename Set>
void PutMap(Message& record, const char* name, const Map& map, Set set) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
  record.GetReflection()->ClearField(&record, field);
  for (const auto& [key, value] : map) {
    Message& pair = *record.GetReflection()->AddMessage(&record, field);
    pair.GetReflection()->SetString(&pair, field->message_type()->map_key(), key);
    set(pair, field->message_type()->map_value(), value);
  }
}

// A table has no carriage returns inside its cells: a text that has them is not changed by losing them.
bool DiffersInLineEnds(const FieldDescriptor& field, const Message& before, const Message& after) {
  if (field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return false;
  const std::string text = before.GetReflection()->GetString(before, &field);
  return text.find('\r') != std::string::npos &&
         absl::StrReplaceAll(text, {{"\r\n", "\n"}, {"\r", "\n"}}) == after.GetReflection()->GetString(after, &field);
}

}  // namespace

void ApplyValues(const TableValues& row, Message& record) {
  const RecordPtr copy(row.values->New());
  copy->CopyFrom(*row.values);
  for (const TableField& column : row.columns->fields) {
    if (DiffersInLineEnds(*column.field, record, *copy)) continue;
    record.GetReflection()->ClearField(&record, column.field);
    record.GetReflection()->SwapFields(&record, copy.get(), {column.field});
  }
  if (row.all_labels || !row.columns->labels.empty()) {
    const Labels before = row.all_labels ? Labels() : LabelsOf(record);
    std::map<std::string, std::string> labels(before.begin(), before.end());
    for (const std::string& key : row.columns->labels) labels.erase(key);
    for (const auto& [key, value] : row.labels) labels[key] = value;
    PutMap(record, "labels", labels, [](Message& pair, const FieldDescriptor* to, const std::string& value) {
      pair.GetReflection()->SetString(&pair, to, value);
    });
  }
  if (row.columns->attributes.empty()) return;
  const Attributes before = AttributesOf(record);
  std::map<std::string, v1::AttributeValue> attributes(before.begin(), before.end());
  for (const std::string& id : row.columns->attributes) {
    if (const auto given = row.attributes.find(id); given != row.attributes.end()) {
      attributes[id] = given->second;
    } else if (const auto known = attributes.find(id);
               known != attributes.end() && !AttributeText(known->second).empty()) {
      attributes.erase(known);  // a text that is empty looks like none
    }
  }
  PutMap(record, "attributes", attributes,
         [](Message& pair, const FieldDescriptor* to, const v1::AttributeValue& value) {
           pair.GetReflection()->MutableMessage(&pair, to)->CopyFrom(value);
         });
}

}  // namespace greffe
