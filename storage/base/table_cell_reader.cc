#include "storage/base/table_cell_reader.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/record_fields.h"
#include "storage/base/table_cells.h"
#include "storage/base/table_dialect.h"
#include "storage/base/table_lists.h"
#include "storage/base/table_resources.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Whether spaces around the text are no part of it.
bool IsWord(const FieldDescriptor& field) {
  switch (field.options().GetExtension(v1::rule).kind()) {
    case v1::VALUE_KIND_TEXT:
    case v1::VALUE_KIND_NOTE:
      return false;
    case v1::VALUE_KIND_UNSPECIFIED:
      return field.name() == "owner" || field.name() == "type" || field.name() == "responsible" ||
             field.name() == "acceptor";
    default:
      return true;
  }
}

absl::Status Invalid(const TableField& column, const std::string& reason, std::string_view cell,
                     const std::string& finding) {
  return InvalidField(column.name, reason, QuotedValue(cell) + ": " + finding);
}

absl::StatusOr<std::string> TakeDecimal(const TableField& column, const std::string& cell,
                                        const v1::TableDialect& dialect) {
  const bool known = dialect.decimals() != v1::TABLE_DECIMALS_UNSPECIFIED;
  const auto point = ReadDecimal(cell, known ? dialect.decimals() : v1::TABLE_DECIMALS_POINT);
  const auto comma = known ? point : ReadDecimal(cell, v1::TABLE_DECIMALS_COMMA);
  if (point && comma && *point != *comma) {
    return Invalid(column, "DECIMALS_AMBIGUOUS", cell,
                   "may be " + *point + " or " + *comma + "; say which by `decimals`");
  }
  if (point) return *point;
  if (comma) return *comma;
  return Invalid(column, "NUMBER_INVALID", cell, "is no number");
}

absl::StatusOr<std::int64_t> TakeWhole(const TableField& column, const std::string& cell,
                                       const v1::TableDialect& dialect) {
  GREFFE_ASSIGN_OR_RETURN(std::string text, TakeDecimal(column, cell, dialect));
  if (const std::size_t point = text.find('.'); point != std::string::npos) {
    if (text.find_first_not_of('0', point + 1) == std::string::npos) text.resize(point);
  }
  std::int64_t number = 0;
  if (text.empty() || absl::SimpleAtoi(text, &number)) return number;
  return Invalid(column, "NUMBER_INVALID", cell, "is no whole number");
}

absl::StatusOr<std::string> TakeDate(const TableField& column, const std::string& cell,
                                     const v1::TableDialect& dialect) {
  if (std::optional<std::string> date = ReadDate(cell, dialect.dates())) return *std::move(date);
  return Invalid(column, "DATE_INVALID", cell,
                 dialect.dates() == v1::TABLE_DATES_ISO ? "expected a date such as 2026-03-31"
                                                        : "expected a date such as 2026-03-31 or 31/03/2026");
}

// "in progress" -> the value IN_PROGRESS; nullptr: there is none.
const google::protobuf::EnumValueDescriptor* FindEnumValue(const google::protobuf::EnumDescriptor& type,
                                                           std::string_view cell) {
  std::string name;
  for (const char c : TrimCell(cell)) {
    name += c == ' ' || c == '-' ? '_' : absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  if (name.empty()) return type.FindValueByNumber(0);
  for (int i = 1; i < type.value_count(); ++i) {
    if (ShortEnumName(*type.value(i)) == name) return type.value(i);
  }
  return nullptr;
}

absl::StatusOr<const google::protobuf::EnumValueDescriptor*> TakeEnum(const TableField& column,
                                                                      const std::string& cell) {
  const auto& type = *column.field->enum_type();
  if (const auto* value = FindEnumValue(type, cell)) return value;
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) names.push_back(ShortEnumName(*type.value(i)));
  return Invalid(column, "ENUM_INVALID", cell, "expected one of " + absl::StrJoin(names, ", "));
}

absl::Status TakeJson(const TableField& column, const std::string& cell, Message& values) {
  if (TrimCell(cell).empty()) return absl::OkStatus();
  const RecordPtr parsed(values.New());
  const auto status =
      google::protobuf::util::JsonStringToMessage("{\"" + column.field->json_name() + "\":" + cell + "}", parsed.get());
  if (!status.ok()) {
    return Invalid(column, "JSON_INVALID", cell, "is no list in JSON: " + ShownValue(std::string(status.message())));
  }
  // Whatever else the text says stays behind.
  values.GetReflection()->SwapFields(&values, parsed.get(), {column.field});
  return absl::OkStatus();
}

// A time as spreadsheets write it, `9:30` or `09:30:00`, as 09:30; any other stays, for the rules to judge.
std::string ReadTimeOfDay(std::string_view cell) {
  std::string time(cell);
  if (std::count(cell.begin(), cell.end(), ':') == 2 && cell.ends_with(":00")) time.resize(time.size() - 3);
  if (time.size() == 4 && absl::ascii_isdigit(static_cast<unsigned char>(time[0]))) time.insert(0, 1, '0');
  return time.size() == 5 ? time : std::string(cell);
}

absl::StatusOr<std::string> TakeText(const TableSchema& schema, const TableField& column, const std::string& cell,
                                     const v1::TableDialect& dialect) {
  const FieldDescriptor& field = *column.field;
  if (HoldsDates(column)) return TakeDate(column, cell, dialect);
  if (HoldsDecimals(column)) return TakeDecimal(column, cell, dialect);
  if (NamesResources(field)) return ReadResource(schema, field, std::string(TrimCell(cell)));
  if (field.options().GetExtension(v1::rule).kind() == v1::VALUE_KIND_TIME_OF_DAY) return ReadTimeOfDay(TrimCell(cell));
  return IsWord(field) ? std::string(TrimCell(cell)) : cell;
}

absl::Status TakeField(const TableSchema& schema, const TableField& column, const std::string& cell,
                       const v1::TableDialect& dialect, Message& values) {
  const FieldDescriptor& field = *column.field;
  const auto& reflection = *values.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (!field.is_repeated()) {
        GREFFE_ASSIGN_OR_RETURN(std::string text, TakeText(schema, column, cell, dialect));
        reflection.SetString(&values, &field, std::move(text));
        return absl::OkStatus();
      }
      for (const std::string& part : SplitList(cell)) {
        GREFFE_ASSIGN_OR_RETURN(std::string text, TakeText(schema, column, part, dialect));
        reflection.AddString(&values, &field, std::move(text));
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      GREFFE_ASSIGN_OR_RETURN(const std::int64_t number, TakeWhole(column, cell, dialect));
      if (number != static_cast<std::int32_t>(number)) return Invalid(column, "NUMBER_INVALID", cell, "is too large");
      reflection.SetInt32(&values, &field, static_cast<std::int32_t>(number));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      GREFFE_ASSIGN_OR_RETURN(const auto* value, TakeEnum(column, cell));
      reflection.SetEnum(&values, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return TakeJson(column, cell, values);
    default:
      return Invalid(column, "COLUMN_UNKNOWN", cell, "is of a type that tables have not");
  }
}

absl::StatusOr<std::optional<v1::AttributeValue>> TakeAttribute(const TableField& column, const std::string& cell,
                                                                const v1::TableDialect& dialect) {
  v1::AttributeValue value;
  const std::string word(TrimCell(cell));
  if (word.empty()) return std::nullopt;
  switch (column.type) {
    case v1::ATTRIBUTE_TYPE_INTEGER: {
      GREFFE_ASSIGN_OR_RETURN(const std::int64_t number, TakeWhole(column, cell, dialect));
      value.set_integer(number);
      return value;
    }
    case v1::ATTRIBUTE_TYPE_NUMBER: {
      double number = 0;
      // Very large and very small ones are written with an exponent.
      if (word.find_first_of("eE") == std::string::npos) {
        GREFFE_ASSIGN_OR_RETURN(const std::string text, TakeDecimal(column, cell, dialect));
        if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) {
          return Invalid(column, "NUMBER_INVALID", cell, "is out of range");
        }
      } else {
        std::string text = word;
        if (const std::size_t comma = text.find(','); comma != std::string::npos) text[comma] = '.';
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
          return Invalid(column, "NUMBER_INVALID", cell, "is no number");
        }
      }
      value.set_number(number);
      return value;
    }
    case v1::ATTRIBUTE_TYPE_BOOLEAN: {
      static const auto& truths = *new std::map<std::string, bool>{
          {"true", true},   {"yes", true}, {"oui", true},  {"vrai", true},  {"1", true},
          {"false", false}, {"no", false}, {"non", false}, {"faux", false}, {"0", false}};
      const auto found = truths.find(absl::AsciiStrToLower(word));
      if (found == truths.end()) return Invalid(column, "ATTRIBUTE_INVALID", cell, "expected yes or no");
      value.set_boolean(found->second);
      return value;
    }
    case v1::ATTRIBUTE_TYPE_DATE: {
      GREFFE_ASSIGN_OR_RETURN(*value.mutable_date(), TakeDate(column, cell, dialect));
      return value;
    }
    default:
      value.set_text(column.type == v1::ATTRIBUTE_TYPE_CHOICE ? word : cell);
      return value;
  }
}

absl::Status TakeLabels(const TableField& column, const std::string& cell, TableValues& values) {
  values.all_labels = true;
  for (const std::string& pair : SplitList(cell)) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return Invalid(column, "LABEL_INVALID", pair, "is not of the form key=value");
    values.labels[std::string(TrimCell(pair.substr(0, equals)))] = pair.substr(equals + 1);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadCell(const TableSchema& schema, const TableField& column, const std::string& cell,
                      const v1::TableDialect& dialect, TableValues& values) {
  switch (column.role) {
    case ColumnRole::kShown:
      return absl::OkStatus();
    case ColumnRole::kId:
      values.id = std::string(TrimCell(cell));
      return absl::OkStatus();
    case ColumnRole::kEtag:
      values.etag = std::string(TrimCell(cell));
      return absl::OkStatus();
    case ColumnRole::kComment:
      values.comment = cell;
      return absl::OkStatus();
    case ColumnRole::kState: {
      GREFFE_ASSIGN_OR_RETURN(const auto* state, TakeEnum(column, cell));
      values.state = state->number() == 0 ? "" : ShortEnumName(*state);
      return absl::OkStatus();
    }
    case ColumnRole::kLabel:
      if (!cell.empty()) values.labels[column.key] = cell;
      return absl::OkStatus();
    case ColumnRole::kLabels:
      return TakeLabels(column, cell, values);
    case ColumnRole::kAttribute: {
      absl::StatusOr<std::optional<v1::AttributeValue>> value = TakeAttribute(column, cell, dialect);
      const bool given = value.ok() && *value;
      if (cell != (given ? AttributeText(**value) : "")) values.attribute_cells[column.key] = cell;
      if (given) values.attributes[column.key] = **std::move(value);
      return value.status();
    }
    case ColumnRole::kField:
      return TakeField(schema, column, cell, dialect, *values.values);
  }
  return absl::OkStatus();
}

}  // namespace greffe
