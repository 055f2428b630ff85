#include "storage/base/table_cells.h"

#include <map>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/record_fields.h"
#include "storage/base/table_dialect.h"
#include "storage/base/table_lists.h"
#include "storage/base/table_resources.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

v1::ValueKind KindOfValue(const FieldDescriptor& field) { return field.options().GetExtension(v1::rule).kind(); }

std::string WriteText(const TableSchema& schema, const TableField& column, std::string text,
                      const v1::TableDialect& dialect) {
  if (HoldsDates(column)) return WriteDate(text, dialect.dates());
  if (HoldsDecimals(column)) return WriteDecimal(std::move(text), dialect.decimals());
  if (NamesResources(*column.field)) return WriteResource(schema, *column.field, std::move(text));
  return text;
}

// A list of messages as JSON: the field alone, without the object around it.
std::string WriteJson(const FieldDescriptor& field, const Message& record) {
  if (record.GetReflection()->FieldSize(record, &field) == 0) return {};
  const RecordPtr alone(record.New());
  for (int i = 0; i < record.GetReflection()->FieldSize(record, &field); ++i) {
    alone->GetReflection()
        ->AddMessage(alone.get(), &field)
        ->CopyFrom(record.GetReflection()->GetRepeatedMessage(record, &field, i));
  }
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*alone, &json).ok()) return {};
  const std::size_t begin = json.find(':') + 1;
  return json.substr(begin, json.size() - begin - 1);
}

}  // namespace

std::string WriteAttribute(const v1::AttributeValue& value, const v1::TableDialect& dialect) {
  if (value.has_date()) return WriteDate(value.date(), dialect.dates());
  if (value.has_number()) return WriteDecimal(AttributeText(value), dialect.decimals());
  return AttributeText(value);
}

bool HoldsDates(const TableField& column) {
  if (column.role == ColumnRole::kAttribute) return column.type == v1::ATTRIBUTE_TYPE_DATE;
  return column.field != nullptr && column.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
         (KindOfValue(*column.field) == v1::VALUE_KIND_DATE || column.field->name().ends_with("_date"));
}

bool HoldsDecimals(const TableField& column) {
  if (column.role == ColumnRole::kAttribute) {
    return column.type == v1::ATTRIBUTE_TYPE_NUMBER || column.type == v1::ATTRIBUTE_TYPE_INTEGER;
  }
  if (column.field == nullptr) return false;
  return KindOfValue(*column.field) == v1::VALUE_KIND_AMOUNT || KindOfValue(*column.field) == v1::VALUE_KIND_NUMBER ||
         column.name == "variance";
}

std::string WriteCell(const TableSchema& schema, const TableField& column, const Message& record,
                      const v1::TableDialect& dialect) {
  const auto& reflection = *record.GetReflection();
  switch (column.role) {
    case ColumnRole::kId: {
      const std::string& name = NameOf(record);
      return name.substr(name.rfind('/') + 1);
    }
    case ColumnRole::kLabel: {
      const Labels labels = LabelsOf(record);
      const auto found = labels.find(column.key);
      return found == labels.end() ? "" : found->second;
    }
    case ColumnRole::kLabels: {
      const Labels labels = LabelsOf(record);
      const std::map<std::string, std::string> sorted(labels.begin(), labels.end());
      std::vector<std::string> pairs;
      for (const auto& [key, value] : sorted) pairs.push_back(key + "=" + value);
      return JoinList(pairs);
    }
    case ColumnRole::kAttribute: {
      const Attributes attributes = AttributesOf(record);
      const auto found = attributes.find(column.key);
      return found == attributes.end() ? "" : WriteAttribute(found->second, dialect);
    }
    default:
      break;
  }
  const FieldDescriptor& field = *column.field;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field.is_repeated()) return WriteJson(field, record);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    // 0 is what is not given.
    const std::int32_t number = reflection.GetInt32(record, &field);
    return number == 0 ? "" : std::to_string(number);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) return std::to_string(reflection.GetInt64(record, &field));
  std::vector<std::string> texts = FieldTexts(record, field);
  for (std::string& text : texts) text = WriteText(schema, column, std::move(text), dialect);
  if (field.is_repeated()) return JoinList(texts);
  return texts.empty() ? "" : std::move(texts.front());
}

}  // namespace greffe
