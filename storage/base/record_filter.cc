#include "storage/base/record_filter.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/errors.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_kinds.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsTime(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Timestamp::descriptor();
}

bool IsComparable(const FieldDescriptor& field) {
  if (field.is_map()) return false;
  if (IsTime(field)) return !field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_INT32:
      return field.type() != FieldDescriptor::TYPE_BYTES;
    default:
      return false;
  }
}

bool IsNumber(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 || field.cpp_type() == FieldDescriptor::CPPTYPE_INT32;
}

// Labels, or attributes.
bool IsMap(const Descriptor& record, const std::string& name) {
  const FieldDescriptor* map = record.FindFieldByName(name);
  return map != nullptr && map->is_map();
}

class Grammar final : public FilterGrammar {
 public:
  explicit Grammar(const Descriptor& record) : record_(record) {}

  bool IsField(const FilterTerm& term) const override {
    if (IsMap(record_, term.field)) return !term.key.empty();
    if (!term.key.empty()) return false;
    const FieldDescriptor* field = record_.FindFieldByName(term.field);
    return term.field == "id" || (field != nullptr && IsComparable(*field));
  }

  std::optional<std::string> CheckValue(FilterTerm& term) const override {
    const FieldDescriptor* field = record_.FindFieldByName(term.field);
    if (term.field == "id" || field == nullptr || field->is_map()) return std::nullopt;
    if (IsTime(*field)) {
      const std::optional<Micros> time = ParseFilterTime(term.value);
      if (!time) return "expected a time such as 2026-03-31T12:00:00Z, or a date";
      term.time = *time;
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      return CheckEnum(*field, term);
    } else if (IsNumber(*field)) {
      std::int64_t number = 0;
      if (!absl::SimpleAtoi(term.value, &number)) return "expected a whole number";
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL && term.value != "true" && term.value != "false") {
      return "expected true or false";
    }
    return std::nullopt;
  }

 private:
  static std::optional<std::string> CheckEnum(const FieldDescriptor& field, const FilterTerm& term) {
    std::string all;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      const auto& value = *field.enum_type()->value(i);
      if (value.number() == 0) continue;
      if (ShortEnumName(value) == term.value) {
        if (term.op == FilterOperator::kEqual || term.op == FilterOperator::kNotEqual ||
            term.op == FilterOperator::kHas) {
          return std::nullopt;
        }
        return field.name() + " compares with = and != alone";
      }
      absl::StrAppend(&all, all.empty() ? "" : ", ", ShortEnumName(value));
    }
    return field.name() + " is one of " + all;
  }

  const Descriptor& record_;
};

bool HoldsForText(const FilterTerm& term, const FieldDescriptor& field, const std::string& text) {
  if (IsNumber(field)) {
    std::int64_t ours = 0;
    std::int64_t asked = 0;
    return absl::SimpleAtoi(text, &ours) && absl::SimpleAtoi(term.value, &asked) && CompareValues(term.op, ours, asked);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return CompareText(term.op, text, term.value);
  return CompareValues(term.op, std::string_view(text), std::string_view(term.value));
}

bool HoldsForKey(const FilterTerm& term, const Message& record) {
  const bool any = term.op == FilterOperator::kHas && term.value == "*";
  if (term.field == "attributes") {
    const Attributes attributes = AttributesOf(record);
    const auto found = attributes.find(term.key);
    if (found == attributes.end()) return term.op == FilterOperator::kNotEqual;
    return any || CompareAttribute(term.op, found->second, term.value);
  }
  const Labels labels = LabelsOf(record);
  const auto found = labels.find(term.key);
  if (found == labels.end()) return term.op == FilterOperator::kNotEqual;
  return any || CompareText(term.op, found->second, term.value);
}

bool Holds(const FilterTerm& term, const Message& record) {
  if (!term.key.empty()) return HoldsForKey(term, record);
  if (term.field == "id") return CompareText(term.op, IdOfRecord(record), term.value);
  const FieldDescriptor& field = *record.GetDescriptor()->FindFieldByName(term.field);
  if (IsTime(field)) {
    if (!record.GetReflection()->HasField(record, &field)) return term.op == FilterOperator::kNotEqual;
    const auto& time =
        static_cast<const google::protobuf::Timestamp&>(record.GetReflection()->GetMessage(record, &field));
    return CompareValues(term.op, ToMicros(time), term.time);
  }
  const std::vector<std::string> texts = FieldTexts(record, field);
  const auto holds = [&](const std::string& text) { return HoldsForText(term, field, text); };
  // Of many values "is not" means that none is.
  if (term.op == FilterOperator::kNotEqual) return std::all_of(texts.begin(), texts.end(), holds);
  return std::any_of(texts.begin(), texts.end(), holds);
}

}  // namespace

absl::StatusOr<RecordFilter> ParseRecordFilter(std::string_view text, const Descriptor& record) {
  RecordFilter filter;
  GREFFE_ASSIGN_OR_RETURN(filter.terms, ParseFilterTerms(text, Grammar(record)));
  return filter;
}

bool Matches(const RecordFilter& filter, const Message& record) {
  return std::all_of(filter.terms.begin(), filter.terms.end(),
                     [&](const FilterTerm& term) { return Holds(term, record) != term.negated; });
}

absl::StatusOr<RecordOrdering> ParseRecordOrdering(std::string_view text, const Descriptor& record) {
  std::string name(absl::StripAsciiWhitespace(std::string(text)));
  RecordOrdering ordering;
  if (name.ends_with(" desc")) {
    ordering.descending = true;
    name = std::string(absl::StripAsciiWhitespace(name.substr(0, name.size() - 5)));
  }
  if (name.empty() || name == "id") return ordering;
  ordering.field = record.FindFieldByName(name);
  if (ordering.field == nullptr || !IsComparable(*ordering.field) || ordering.field->is_repeated()) {
    return InvalidField("order_by", "ORDER_INVALID",
                        "'" + PrintableUtf8(text.substr(0, 100)) +
                            "': expected id or a field with one value, with an optional ' desc'");
  }
  return ordering;
}

std::string IdOfRecord(const Message& record) {
  const std::string name = NameOf(record);
  const absl::StatusOr<RecordName> parsed = ParseRecordName(KindOf(*record.GetDescriptor()), name);
  return parsed.ok() ? parsed->id : name;
}

}  // namespace greffe
