#include "storage/base/table_values.h"

#include <string_view>

#include "google/protobuf/descriptor.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/csv.h"
#include "storage/base/record_fields.h"
#include "storage/base/table_cells.h"

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

// An amount without the zeros that say nothing.
std::string ShortAmount(std::string_view amount) {
  const bool negative = amount.starts_with('-');
  if (negative) amount.remove_prefix(1);
  while (amount.starts_with('0')) amount.remove_prefix(1);
  if (amount.find('.') != std::string_view::npos) {
    while (amount.ends_with('0')) amount.remove_suffix(1);
    if (amount.ends_with('.')) amount.remove_suffix(1);
  }
  if (amount.empty()) return "0";
  return (negative ? "-" : "") + std::string(amount);
}

bool SaysTheSame(const FieldDescriptor& field, const std::string& before, const std::string& after) {
  const bool amount = field.options().GetExtension(v1::rule).kind() == v1::VALUE_KIND_AMOUNT;
  if (amount && !before.empty() && !after.empty()) return ShortAmount(before) == ShortAmount(after);
  return AsInCell(before) == after;
}

// A table has no carriage returns inside its cells, and a spreadsheet writes 1250.50 as 1250.5: what is there stays.
bool SaysTheSame(const FieldDescriptor& field, const Message& before, const Message& after) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return false;
  const std::vector<std::string> was = FieldTexts(before, field);
  const std::vector<std::string> is = FieldTexts(after, field);
  bool same = was.size() == is.size();
  for (std::size_t i = 0; same && i < was.size(); ++i) same = SaysTheSame(field, was[i], is[i]);
  return same;
}

std::string CellOf(const TableValues& row, const std::string& id) {
  if (const auto cell = row.attribute_cells.find(id); cell != row.attribute_cells.end()) return cell->second;
  const auto given = row.attributes.find(id);
  return given == row.attributes.end() ? "" : AttributeText(given->second);
}

bool Shows(const TableValues& row, const std::string& id, const v1::AttributeValue& value) {
  const std::string cell = CellOf(row, id);
  const v1::TableDialect& dialect = row.columns->dialect;
  v1::TableDialect other = dialect;
  if (dialect.dates() == v1::TABLE_DATES_UNSPECIFIED) other.set_dates(v1::TABLE_DATES_FRENCH);
  if (dialect.decimals() == v1::TABLE_DECIMALS_UNSPECIFIED) other.set_decimals(v1::TABLE_DECIMALS_COMMA);
  return cell == AsInCell(WriteAttribute(value, dialect)) || cell == AsInCell(WriteAttribute(value, other));
}

}  // namespace

bool ShowsAttribute(const TableValues& row, const std::string& id, const Message& record) {
  const Attributes attributes = AttributesOf(record);
  const auto known = attributes.find(id);
  return known == attributes.end() ? CellOf(row, id).empty() : Shows(row, id, known->second);
}

void ApplyValues(const TableValues& row, Message& record) {
  const RecordPtr copy(row.values->New());
  copy->CopyFrom(*row.values);
  for (const TableField& column : row.columns->fields) {
    if (SaysTheSame(*column.field, record, *copy)) continue;
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
    const auto known = attributes.find(id);
    if ((known != attributes.end() && Shows(row, id, known->second)) || row.unread.contains(id)) continue;
    if (const auto given = row.attributes.find(id); given != row.attributes.end()) {
      attributes[id] = given->second;
    } else {
      attributes.erase(id);
    }
  }
  PutMap(record, "attributes", attributes,
         [](Message& pair, const FieldDescriptor* to, const v1::AttributeValue& value) {
           pair.GetReflection()->MutableMessage(&pair, to)->CopyFrom(value);
         });
}

}  // namespace greffe
