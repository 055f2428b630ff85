#include "storage/base/record_fields.h"

#include <cstdio>
#include <unordered_map>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/clock.h"
#include "storage/base/record_kinds.h"

namespace greffe {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// "DeliverableState" -> "DELIVERABLE_STATE_".
std::string PrefixOf(const EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (!prefix.empty() && absl::ascii_isupper(static_cast<unsigned char>(c))) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return prefix + "_";
}

std::string NumberText(std::int64_t number) {
  char text[24];
  // Negative ones sort among themselves the wrong way round; see OrderText. No record has an indexed one.
  std::snprintf(text, sizeof text, "%019lld", static_cast<long long>(number));
  return text;
}

// `index` below 0: the singular field's.
std::string TextOf(const Message& record, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *record.GetReflection();
  const auto pick = [&](auto singular, auto repeated) {
    return index < 0 ? (reflection.*singular)(record, &field) : (reflection.*repeated)(record, &field, index);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return pick(&Reflection::GetString, &Reflection::GetRepeatedString);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* value = pick(&Reflection::GetEnum, &Reflection::GetRepeatedEnum);
      return value->number() == 0 ? std::string() : ShortEnumName(*value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return pick(&Reflection::GetBool, &Reflection::GetRepeatedBool) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT64:
      return NumberText(pick(&Reflection::GetInt64, &Reflection::GetRepeatedInt64));
    case FieldDescriptor::CPPTYPE_INT32:
      return NumberText(pick(&Reflection::GetInt32, &Reflection::GetRepeatedInt32));
    default:
      return {};
  }
}

}  // namespace

std::string ShortEnumName(const EnumValueDescriptor& value) {
  const std::string prefix = PrefixOf(*value.type());
  return value.name().starts_with(prefix) ? value.name().substr(prefix.size()) : value.name();
}

std::string ShortEnumName(const EnumDescriptor& type, int number) {
  const EnumValueDescriptor* value = type.FindValueByNumber(number);
  return value == nullptr ? std::to_string(number) : ShortEnumName(*value);
}

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, const std::string& short_name) {
  return type.FindValueByName(PrefixOf(type) + short_name);
}

std::vector<std::string> FieldTexts(const Message& record, const FieldDescriptor& field) {
  const Reflection& reflection = *record.GetReflection();
  std::vector<std::string> texts;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    if (field.is_repeated() || field.message_type() != google::protobuf::Timestamp::descriptor()) return texts;
    if (!reflection.HasField(record, &field)) return {""};
    const auto& time = static_cast<const google::protobuf::Timestamp&>(reflection.GetMessage(record, &field));
    return {absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixMicros(ToMicros(time)), absl::UTCTimeZone())};
  }
  if (!field.is_repeated()) return {TextOf(record, field, -1)};
  for (int i = 0; i < reflection.FieldSize(record, &field); ++i) texts.push_back(TextOf(record, field, i));
  return texts;
}

std::string OrderText(const Message& record, const FieldDescriptor& field) {
  std::string text = FieldTexts(record, field).front();
  if (field.type() != FieldDescriptor::TYPE_STRING && text.starts_with('-')) {
    for (char& c : text) {
      if (c != '-') c = static_cast<char>('0' + '9' - c);
    }
  }
  return text;
}

std::string TextField(const Message& record, const char* field) {
  const FieldDescriptor* descriptor = record.GetDescriptor()->FindFieldByName(field);
  if (descriptor == nullptr || descriptor->is_repeated() || descriptor->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return "";
  }
  return record.GetReflection()->GetString(record, descriptor);
}

const std::vector<const FieldDescriptor*>& IndexedFields(const Descriptor& record) {
  using Fields = std::vector<const FieldDescriptor*>;
  static const auto& by_type = *new std::unordered_map<const Descriptor*, Fields>([] {
    std::unordered_map<const Descriptor*, Fields> map;
    for (const RecordKind& kind : RecordKinds()) {
      const Descriptor* type = kind.prototype->GetDescriptor();
      Fields& fields = map[type];
      for (int i = 0; i < type->field_count(); ++i) {
        if (type->field(i)->options().GetExtension(v1::indexed)) fields.push_back(type->field(i));
      }
    }
    return map;
  }());
  return by_type.at(&record);
}

const std::vector<OrderedWithin>& FieldsOrderedWithin(const Descriptor& record) {
  using Pairs = std::vector<OrderedWithin>;
  static const auto& by_type = *new std::unordered_map<const Descriptor*, Pairs>([] {
    std::unordered_map<const Descriptor*, Pairs> map;
    for (const RecordKind& kind : RecordKinds()) {
      const Descriptor* type = kind.prototype->GetDescriptor();
      Pairs& pairs = map[type];
      for (const FieldDescriptor* field : IndexedFields(*type)) {
        const std::string& within = field->options().GetExtension(v1::ordered_within);
        if (!within.empty()) pairs.push_back({type->FindFieldByName(within), field});
      }
    }
    return map;
  }());
  return by_type.at(&record);
}

std::string StateText(const Message& record) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName("state");
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return {};
  return FieldTexts(record, *field).front();
}

}  // namespace greffe
