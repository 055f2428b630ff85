#include "storage/base/attribute_rules.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/record_kinds.h"

namespace greffe {
namespace {

constexpr int kMaxAttributeDefinitions = 200;
constexpr int kMaxLabels = 64;
constexpr char kDocuments[] = "documents";

absl::Status ValidateAttribute(const v1::AttributeDefinition& definition, const v1::AttributeValue& value,
                               const std::string& field) {
  const auto wrong = [&](const std::string& finding) { return InvalidField(field, "ATTRIBUTE_INVALID", finding); };
  switch (definition.type()) {
    case v1::ATTRIBUTE_TYPE_TEXT:
      if (!value.has_text()) return wrong("must be text");
      if (!ValidateText(value.text(), field, 0, 1000, true).ok()) {
        return wrong(QuotedValue(value.text()) + " is not UTF-8 of at most 1,000 characters without controls");
      }
      return absl::OkStatus();
    case v1::ATTRIBUTE_TYPE_INTEGER:
      return value.has_integer() ? absl::OkStatus() : wrong("must be an integer");
    case v1::ATTRIBUTE_TYPE_NUMBER:
      return value.has_number() && std::isfinite(value.number()) ? absl::OkStatus() : wrong("must be a finite number");
    case v1::ATTRIBUTE_TYPE_BOOLEAN:
      return value.has_boolean() ? absl::OkStatus() : wrong("must be true or false");
    case v1::ATTRIBUTE_TYPE_DATE:
      return value.has_date() && !value.date().empty() && ValidateDate(value.date(), field).ok()
                 ? absl::OkStatus()
                 : wrong(QuotedValue(value.date()) + " is no date such as 2026-03-31");
    case v1::ATTRIBUTE_TYPE_CHOICE: {
      const auto& choices = definition.choices();
      return value.has_text() && std::find(choices.begin(), choices.end(), value.text()) != choices.end()
                 ? absl::OkStatus()
                 : wrong(QuotedValue(value.text()) + " is none of its choices");
    }
    default:
      return wrong("its definition has no type");
  }
}

// The fewest digits that give the same number back, so that equal numbers are equal texts. Without an exponent up to 21
// digits, as in JSON.
std::string ShortestNumber(double number) {
  char text[400];
  const auto format = std::abs(number) < 1e21 ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text, text + sizeof text, number == 0 ? 0.0 : number, format).ptr;
  return std::string(text, end);
}

// Calls `visit` with each entry of a map, and the fields of its key and value.
template <typename Visit>
void ForEachMapEntry(const google::protobuf::Message& resource, const char* name, Visit visit) {
  const google::protobuf::FieldDescriptor* map = resource.GetDescriptor()->FindFieldByName(name);
  if (map == nullptr) return;
  const auto& reflection = *resource.GetReflection();
  for (int i = 0; i < reflection.FieldSize(resource, map); ++i) {
    const google::protobuf::Message& entry = reflection.GetRepeatedMessage(resource, map, i);
    visit(entry, entry.GetReflection()->GetString(entry, map->message_type()->map_key()),
          map->message_type()->map_value());
  }
}

}  // namespace

Labels LabelsOf(const google::protobuf::Message& resource) {
  Labels labels;
  ForEachMapEntry(resource, "labels", [&labels](const auto& entry, std::string key, const auto* value) {
    labels[std::move(key)] = entry.GetReflection()->GetString(entry, value);
  });
  return labels;
}

Attributes AttributesOf(const google::protobuf::Message& resource) {
  Attributes attributes;
  ForEachMapEntry(resource, "attributes", [&attributes](const auto& entry, std::string key, const auto* value) {
    attributes[std::move(key)].CopyFrom(entry.GetReflection()->GetMessage(entry, value));
  });
  return attributes;
}

absl::Status ValidateLabels(const Labels& labels, const std::string& field) {
  if (labels.size() > kMaxLabels)
    return InvalidValue(field, std::to_string(labels.size()), "at most 64 labels are allowed");
  for (const auto& [key, value] : labels) {
    const std::string place = MapEntry(field, key);
    if (!ConsistsOf(key, 1, 63, [](char c) {
          return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_' || c == '.';
        })) {
      return InvalidValue(place, key, "a label's key is 1 to 63 characters of a-z, 0-9, '-', '_' and '.'");
    }
    GREFFE_RETURN_IF_ERROR(ValidateText(value, place, 0, 200));
  }
  return absl::OkStatus();
}

absl::Status ValidateAttributeDefinitions(const v1::Project& project, const std::string& field) {
  if (project.attribute_definitions_size() > kMaxAttributeDefinitions) {
    return InvalidValue(field + ".attribute_definitions", std::to_string(project.attribute_definitions_size()),
                        "at most 200 attribute definitions are allowed");
  }
  std::set<std::string> ids;
  for (int i = 0; i < project.attribute_definitions_size(); ++i) {
    const v1::AttributeDefinition& definition = project.attribute_definitions(i);
    const std::string place = absl::StrCat(field, ".attribute_definitions[", i, "]");
    const std::string& id = definition.id();
    if (!ConsistsOf(id, 1, 63, [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_'; }) ||
        !absl::ascii_islower(id[0])) {
      return InvalidValue(place + ".id", id,
                          "an attribute's id is 1 to 63 characters of a-z, 0-9 and '_' and begins with a letter");
    }
    if (!ids.insert(id).second) return InvalidValue(place + ".id", id, "is there twice");
    GREFFE_RETURN_IF_ERROR(ValidateText(definition.title(), place + ".title", 0, 200));
    if (definition.type() == v1::ATTRIBUTE_TYPE_UNSPECIFIED || !v1::AttributeType_IsValid(definition.type())) {
      return InvalidValue(place + ".type", std::to_string(definition.type()), "is none of the attribute types");
    }
    std::set<std::string> collections;
    for (int c = 0; c < definition.collections_size(); ++c) {
      const std::string& collection = definition.collections(c);
      const RecordKind* kind = FindRecordKind(collection);
      const bool known =
          collection == kDocuments ||
          (kind != nullptr && kind->prototype->GetDescriptor()->options().HasExtension(v1::register_policy));
      const std::string at = absl::StrCat(place, ".collections[", c, "]");
      if (!known) return InvalidValue(at, collection, "expected documents, or the collection of a register");
      if (!collections.insert(collection).second) return InvalidValue(at, collection, "is there twice");
    }
    const bool choice = definition.type() == v1::ATTRIBUTE_TYPE_CHOICE;
    if (choice != (definition.choices_size() > 0) || definition.choices_size() > 200) {
      return InvalidValue(place + ".choices", std::to_string(definition.choices_size()),
                          "a CHOICE has 1 to 200 choices, other types have none");
    }
    for (int c = 0; c < definition.choices_size(); ++c) {
      GREFFE_RETURN_IF_ERROR(ValidateText(definition.choices(c), absl::StrCat(place, ".choices[", c, "]"), 1, 1000));
    }
  }
  return absl::OkStatus();
}

bool AppliesTo(const v1::AttributeDefinition& definition, std::string_view collection) {
  const auto& collections = definition.collections();
  if (collections.empty()) return collection == kDocuments;
  return std::find(collections.begin(), collections.end(), collection) != collections.end();
}

absl::Status ValidateAttributes(const v1::Project& project, std::string_view collection, const Attributes& attributes,
                                const Attributes& before, SaidBy said_by, const std::string& field) {
  const auto stays = [&before](const std::string& id, const v1::AttributeValue& value) {
    const auto former = before.find(id);
    return former != before.end() && google::protobuf::util::MessageDifferencer::Equals(former->second, value);
  };
  std::size_t known = 0;
  for (const v1::AttributeDefinition& definition : project.attribute_definitions()) {
    if (!AppliesTo(definition, collection)) continue;
    const auto found = attributes.find(definition.id());
    if (found != attributes.end()) {
      ++known;
      if (stays(found->first, found->second)) continue;
      GREFFE_RETURN_IF_ERROR(ValidateAttribute(definition, found->second, MapEntry(field, definition.id())));
    } else if (definition.required() && said_by == SaidBy::kCaller) {
      return InvalidField(MapEntry(field, definition.id()), "ATTRIBUTE_REQUIRED", "the project requires it");
    }
  }
  if (known == attributes.size()) return absl::OkStatus();
  for (const auto& [id, value] : attributes) {
    const auto& definitions = project.attribute_definitions();
    const auto defines = [&id = id, collection](const auto& definition) {
      return definition.id() == id && AppliesTo(definition, collection);
    };
    if (std::none_of(definitions.begin(), definitions.end(), defines) && !stays(id, value)) {
      return InvalidField(MapEntry(field, id), "ATTRIBUTE_UNKNOWN",
                          "the project does not define it for " + std::string(collection));
    }
  }
  return absl::OkStatus();
}

std::string AttributeText(const v1::AttributeValue& value) {
  switch (value.value_case()) {
    case v1::AttributeValue::kText:
      return value.text();
    case v1::AttributeValue::kInteger:
      return absl::StrCat(value.integer());
    case v1::AttributeValue::kNumber:
      return ShortestNumber(value.number());
    case v1::AttributeValue::kBoolean:
      return value.boolean() ? "true" : "false";
    case v1::AttributeValue::kDate:
      return value.date();
    case v1::AttributeValue::VALUE_NOT_SET:
      break;
  }
  return {};
}

bool IsAttributeText(std::string_view value) {
  const bool numeric = value.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  const bool plain = value.find_first_of(".eE+") == std::string_view::npos && !value.starts_with('0') &&
                     !value.starts_with("-0") && value.size() <= 15;
  return !numeric || plain || value == "0";
}

bool CompareAttribute(FilterOperator op, const v1::AttributeValue& attribute, const std::string& value) {
  const auto number = [&value](auto parsed) {
    const auto end = std::from_chars(value.data(), value.data() + value.size(), parsed);
    return end.ec == std::errc() && end.ptr == value.data() + value.size() ? std::optional(parsed) : std::nullopt;
  };
  switch (attribute.value_case()) {
    case v1::AttributeValue::kText:
      return CompareText(op, attribute.text(), value);
    case v1::AttributeValue::kDate:
      return CompareText(op, attribute.date(), value);
    case v1::AttributeValue::kInteger: {
      if (const auto whole = number(std::int64_t{})) return CompareValues(op, attribute.integer(), *whole);
      // An integer may well be asked to be over 2.5.
      const auto parsed = number(double{});
      return parsed ? CompareValues(op, static_cast<double>(attribute.integer()), *parsed)
                    : op == FilterOperator::kNotEqual;
    }
    case v1::AttributeValue::kNumber: {
      const auto parsed = number(double{});
      return parsed ? CompareValues(op, attribute.number(), *parsed) : op == FilterOperator::kNotEqual;
    }
    case v1::AttributeValue::kBoolean:
      return CompareValues(op, std::string_view(attribute.boolean() ? "true" : "false"), std::string_view(value));
    case v1::AttributeValue::VALUE_NOT_SET:
      break;
  }
  return false;
}

}  // namespace greffe
