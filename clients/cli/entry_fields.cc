#include "clients/cli/entry_fields.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/attribute_values.h"
#include "clients/cli/commands.h"
#include "clients/cli/planning.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/annotations.pb.h"

namespace greffe::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string OptionOf(const FieldDescriptor& field) {
  std::string option = "--" + field.name();
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

// What people call a field: "Review date".
std::string TitleOf(const FieldDescriptor& field) {
  std::string title = field.name();
  std::replace(title.begin(), title.end(), '_', ' ');
  title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  return title;
}

std::string ChoicesOf(const EnumDescriptor& type) {
  std::vector<std::string> choices;
  for (int i = 1; i < type.value_count(); ++i) choices.push_back(EnumValueText(type, type.value(i)->number()));
  return absl::StrJoin(choices, ", ");
}

std::string HelpOf(const FieldDescriptor& field) {
  const v1::ValueRule& rule = field.options().GetExtension(v1::rule);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return "One of: " + ChoicesOf(*field.enum_type());
  switch (rule.kind()) {
    case v1::VALUE_KIND_DATE:
      return "A day, such as 2026-03-31";
    case v1::VALUE_KIND_TIME_OF_DAY:
      return "A time, such as 14:30";
    case v1::VALUE_KIND_PRINCIPAL:
      return "Principal id";
    case v1::VALUE_KIND_RESOURCE:
      return "Name of a resource of the project";
    case v1::VALUE_KIND_CURRENCY:
      return "ISO 4217 code, such as EUR; default: the project's";
    case v1::VALUE_KIND_AMOUNT:
      return "Amount, such as 1250.50";
    case v1::VALUE_KIND_NUMBER:
      return absl::StrCat(rule.min(), " to ", rule.max());
    default:
      return absl::StrCat("Text, up to ", rule.max(), " characters");
  }
}

bool IsOption(const FieldDescriptor& field, bool create) {
  const v1::FieldBehavior behavior = field.options().GetExtension(v1::behavior);
  const bool settable = behavior == v1::FIELD_BEHAVIOR_UNSPECIFIED ||
                        (create && behavior == v1::FIELD_BEHAVIOR_IMMUTABLE && field.name() != "name");
  return settable && field.name() != "title" && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
}

absl::Status NoValue(const FieldDescriptor& field, const std::string& text, const std::string& expected) {
  return OptionInvalid(OptionOf(field) + ": \"" + text + "\": " + expected);
}

absl::Status SetField(const FieldDescriptor& field, const std::string& text, Message& entry) {
  const auto& reflection = *entry.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection.SetString(&entry, &field, text);
    return absl::OkStatus();
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    std::int32_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) return NoValue(field, text, "is no whole number");
    reflection.SetInt32(&entry, &field, number);
    return absl::OkStatus();
  }
  const EnumDescriptor& type = *field.enum_type();
  std::string wanted = text;
  for (char& c : wanted)
    c = c == '-' || c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (int i = 1; i < type.value_count(); ++i) {
    if (EnumValueText(type, type.value(i)->number()) != wanted) continue;
    reflection.SetEnum(&entry, &field, type.value(i));
    return absl::OkStatus();
  }
  return NoValue(field, text, "expected one of " + ChoicesOf(type));
}

// One value of a field as people read it.
std::string ValueText(const Message& entry, const FieldDescriptor& field, int index) {
  const auto& reflection = *entry.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          many ? reflection.GetRepeatedString(entry, &field, index) : reflection.GetString(entry, &field);
      return text.starts_with("projects/") ? IdOf(text) : text;
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      const std::int32_t number = reflection.GetInt32(entry, &field);
      return number == 0 ? "" : std::to_string(number);
    }
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(entry, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(entry, &field) ? "yes" : "";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumValueText(*field.enum_type(), reflection.GetEnumValue(entry, &field));
    default:
      return {};
  }
}

std::string FieldText(const Message& entry, const FieldDescriptor& field) {
  if (!field.is_repeated()) return ValueText(entry, field, 0);
  std::vector<std::string> texts;
  for (int i = 0; i < entry.GetReflection()->FieldSize(entry, &field); ++i) texts.push_back(ValueText(entry, field, i));
  return absl::StrJoin(texts, ", ");
}

// An item of minutes, an answer, ...: its fields in one line.
std::string LineOf(const Message& item) {
  std::vector<std::string> parts;
  for (int i = 0; i < item.GetDescriptor()->field_count(); ++i) {
    const std::string text = FieldText(item, *item.GetDescriptor()->field(i));
    if (!text.empty()) parts.push_back(FirstLine(text));
  }
  return absl::StrJoin(parts, "  ");
}

void AddMap(Sheet& sheet, const Message& entry, const FieldDescriptor& field) {
  for (int i = 0; i < entry.GetReflection()->FieldSize(entry, &field); ++i) {
    const Message& pair = entry.GetReflection()->GetRepeatedMessage(entry, &field, i);
    const auto& reflection = *pair.GetReflection();
    const std::string key = reflection.GetString(pair, field.message_type()->map_key());
    const FieldDescriptor* value = field.message_type()->map_value();
    const bool typed = value->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    sheet.Add(key, typed ? AttributeText(static_cast<const v1::AttributeValue&>(reflection.GetMessage(pair, value)))
                         : reflection.GetString(pair, value));
  }
}

// Labels and attributes are written whole: over those that `entry` has.
template <typename Value, typename Map>
void PutMap(const FieldDescriptor& field, const Map& values, Message& entry, Value set) {
  entry.GetReflection()->ClearField(&entry, &field);
  for (const auto& [key, value] : values) {
    Message& pair = *entry.GetReflection()->AddMessage(&entry, &field);
    pair.GetReflection()->SetString(&pair, field.message_type()->map_key(), key);
    set(pair, field.message_type()->map_value(), value);
  }
}

}  // namespace

void AddFieldOptions(CLI::App* command, const Message& prototype, bool create, EntryFields& fields) {
  for (int i = 0; i < prototype.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *prototype.GetDescriptor()->field(i);
    if (!IsOption(field, create)) continue;
    std::string names = OptionOf(field);
    if (field.options().GetExtension(v1::rule).due()) names += ",--due";
    if (field.is_repeated()) {
      AddList(command, names, fields.lists[field.name()], HelpOf(field) + "; several times");
    } else {
      command->add_option(names, fields.values[field.name()], HelpOf(field));
    }
  }
  AddList(command, "--label", fields.labels, "KEY=VALUE; takes the place of all; several times");
  AddList(command, "--attribute", fields.attributes, "ID=VALUE; takes the place of all; several times");
}

absl::Status SetFields(Session& session, const CLI::App& command, const std::string& project, const EntryFields& fields,
                       Message& entry, std::vector<std::string>& paths) {
  const auto& type = *entry.GetDescriptor();
  const auto given = [&command](const FieldDescriptor& field) { return command.count(OptionOf(field)) > 0; };
  for (const auto& [name, value] : fields.values) {
    const FieldDescriptor& field = *type.FindFieldByName(name);
    if (!given(field)) continue;
    GREFFE_CLIENT_RETURN_IF_ERROR(SetField(field, value, entry));
    paths.push_back(name);
  }
  for (const auto& [name, values] : fields.lists) {
    const FieldDescriptor& field = *type.FindFieldByName(name);
    if (!given(field)) continue;
    for (const std::string& value : values) entry.GetReflection()->AddString(&entry, &field, value);
    paths.push_back(name);
  }
  if (!fields.labels.empty()) {
    std::map<std::string, std::string> labels;
    GREFFE_CLIENT_RETURN_IF_ERROR(ParsePairs(
        fields.labels, "--label", [&](const std::string& key, const std::string& value) { labels[key] = value; }));
    PutMap(*type.FindFieldByName("labels"), labels, entry,
           [](Message& pair, const FieldDescriptor* to, const auto& value) {
             pair.GetReflection()->SetString(&pair, to, value);
           });
    paths.push_back("labels");
  }
  if (!fields.attributes.empty()) {
    Attributes attributes;
    GREFFE_CLIENT_RETURN_IF_ERROR(SetAttributes(session, project, fields.attributes, attributes));
    PutMap(*type.FindFieldByName("attributes"), attributes, entry,
           [](Message& pair, const FieldDescriptor* to, const auto& value) {
             pair.GetReflection()->MutableMessage(&pair, to)->CopyFrom(value);
           });
    paths.push_back("attributes");
  }
  return absl::OkStatus();
}

std::string Cell(const Message& entry, const std::string& field) {
  if (field == "id") return IdOf(TextField(entry, "name"));
  return OrDash(FirstLine(FieldText(entry, *entry.GetDescriptor()->FindFieldByName(field))));
}

void PrintEntry(Session& session, const std::string& title, const Message& entry) {
  Sheet sheet;
  sheet.Add(title, IdOf(TextField(entry, "name")));
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *entry.GetDescriptor()->field(i);
    if (field.name() == "name" || field.name() == "sequence") continue;
    if (field.is_map()) {
      AddMap(sheet, entry, field);
    } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      sheet.Add(TitleOf(field), FieldText(entry, field));
    } else if (field.is_repeated()) {
      for (int item = 0; item < entry.GetReflection()->FieldSize(entry, &field); ++item) {
        sheet.Add(item == 0 ? TitleOf(field) : " ",
                  LineOf(entry.GetReflection()->GetRepeatedMessage(entry, &field, item)));
      }
    } else if (field.name() == "update_time") {
      sheet.Add(
          "Updated",
          LongTime(static_cast<const google::protobuf::Timestamp&>(entry.GetReflection()->GetMessage(entry, &field))));
    }
  }
  sheet.Print(session);
}

std::string TextField(const Message& entry, const std::string& field) {
  return entry.GetReflection()->GetString(entry, entry.GetDescriptor()->FindFieldByName(field));
}

}  // namespace greffe::cli
