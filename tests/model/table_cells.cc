#include "tests/model/table_cells.h"

#include <cctype>
#include <utility>

#include "google/protobuf/util/json_util.h"

namespace greffe::model {
namespace {

constexpr char kFormulas[] = "=+-@\t\r";
constexpr char kAttributes[] = "attributes.";

v1::ValueKind KindOf(const FieldDescriptor& field) { return field.options().GetExtension(v1::rule).kind(); }

bool IsNumber(const FieldDescriptor& field) {
  return KindOf(field) == v1::VALUE_KIND_AMOUNT || KindOf(field) == v1::VALUE_KIND_NUMBER;
}

bool IsList(const FieldDescriptor& field) {
  return field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// What comes before the ids of what the field names.
std::string FolderOf(const Message& entry, const FieldDescriptor& field) {
  const std::string name = Text(entry, "name");
  const std::string project = name.substr(0, name.find('/', name.find('/') + 1) + 1);
  if (field.name() == "checklist") return project + "checklists/";
  if (field.name() == "previous_meeting") return project + "meetings/";
  return project;
}

std::string Guarded(const std::string& text) {
  const bool formula = !text.empty() && std::string(kFormulas).find(text[0]) != std::string::npos;
  const bool guarded = WithoutGuard(text) != text;
  return formula || guarded ? "'" + text : text;
}

std::string Joined(const std::vector<std::string>& values) {
  std::string cell;
  for (const std::string& value : values) {
    if (!cell.empty()) cell += "; ";
    for (const char c : value) {
      if (c == ';' || c == '\\') cell += '\\';
      cell += c;
    }
  }
  return cell;
}

std::vector<std::string> Split(const std::string& cell) {
  std::vector<std::string> values;
  std::string value;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] == ';') {
      values.push_back(std::exchange(value, ""));
      if (cell.compare(i + 1, 1, " ") == 0) ++i;
      continue;
    }
    if (cell[i] == '\\') ++i;
    value += cell[i];
  }
  if (!value.empty()) values.push_back(value);
  return values;
}

std::string JsonOf(const Message& entry, const FieldDescriptor& field) {
  if (entry.GetReflection()->FieldSize(entry, &field) == 0) return "";
  const EntryPtr alone(entry.New());
  const EntryPtr copy = CopyOf(entry);
  alone->GetReflection()->SwapFields(alone.get(), copy.get(), {&field});
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*alone, &json).ok()) return "";
  const std::size_t begin = json.find(':') + 1;
  return json.substr(begin, json.size() - begin - 1);
}

std::string TakeField(const FieldDescriptor& field, const std::string& cell, Message& entry) {
  const auto& reflection = *entry.GetReflection();
  reflection.ClearField(&entry, &field);
  if (cell.empty()) return "";
  if (IsList(field)) {
    const EntryPtr parsed(entry.New());
    const std::string json = "{\"" + std::string(field.json_name()) + "\":" + cell + "}";
    if (!google::protobuf::util::JsonStringToMessage(json, parsed.get()).ok()) return "JSON_INVALID";
    reflection.SwapFields(&entry, parsed.get(), {&field});
    return "";
  }
  if (field.is_repeated()) {
    for (const std::string& value : Split(cell)) reflection.AddString(&entry, &field, value);
    return "";
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    if (std::isalpha(static_cast<unsigned char>(cell[0])) != 0) return "NUMBER_INVALID";
    reflection.SetInt32(&entry, &field, std::stoi(cell));
    return "";
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* value = FindValue(*field.enum_type(), cell);
    if (value == nullptr) return "ENUM_INVALID";
    reflection.SetEnum(&entry, &field, value);
    return "";
  }
  if (KindOf(field) == v1::VALUE_KIND_DATE && cell.find('-') == std::string::npos) return "DATE_INVALID";
  if (IsNumber(field) && std::isalpha(static_cast<unsigned char>(cell[0])) != 0) return "NUMBER_INVALID";
  const bool names = KindOf(field) == v1::VALUE_KIND_RESOURCE && !cell.starts_with("projects/");
  reflection.SetString(&entry, &field, names ? FolderOf(entry, field) + cell : cell);
  return "";
}

}  // namespace

std::vector<std::string> ColumnsOf(const Register& entries) {
  std::vector<std::string> columns = {"id", "etag"};
  for (int i = 0; i < entries.type->field_count(); ++i) {
    const std::string name(entries.type->field(i)->name());
    if (name != "name" && name != "etag" && IsRead(entries, name)) columns.push_back(name);
  }
  columns.push_back(std::string(kAttributes) + "place");
  return columns;
}

bool IsRead(const Register& entries, const std::string& column) {
  if (column == "id" || column == "etag" || column == "state" || column == "outcome" || column == "labels") return true;
  return column.starts_with(kAttributes) || IsField(entries, column);
}

bool IsField(const Register& entries, const std::string& column) {
  const FieldDescriptor* field = entries.type->FindFieldByName(column);
  return field != nullptr && !field->is_map() && column != "name" &&
         BehaviorOf(*field) != v1::FIELD_BEHAVIOR_SERVER_SET && BehaviorOf(*field) != v1::FIELD_BEHAVIOR_OUTPUT_ONLY;
}

std::string CellOf(const Message& entry, const std::string& column) {
  if (column == "id") return Guarded(IdOf(Text(entry, "name")));
  if (column.starts_with(kAttributes)) {
    const auto attributes = AttributesOf(entry);
    const auto found = attributes.find(column.substr(std::string(kAttributes).size()));
    return found == attributes.end() ? "" : Guarded(found->second.text());
  }
  if (column == "labels") {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : LabelsOf(entry)) pairs.push_back(key + "=" + value);
    return Guarded(Joined(pairs));
  }
  const FieldDescriptor& field = *entry.GetDescriptor()->FindFieldByName(column);
  const auto& reflection = *entry.GetReflection();
  if (IsList(field)) return Guarded(JsonOf(entry, field));
  if (field.is_repeated()) {
    std::vector<std::string> values;
    for (int i = 0; i < reflection.FieldSize(entry, &field); ++i) {
      values.push_back(reflection.GetRepeatedString(entry, &field, i));
    }
    return Guarded(Joined(values));
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      const int number = reflection.GetInt32(entry, &field);
      return number == 0 ? "" : std::to_string(number);
    }
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(entry, &field));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = reflection.GetEnum(entry, &field);
      return value->number() == 0 ? "" : ShortName(*value);
    }
    default:
      break;
  }
  std::string text = reflection.GetString(entry, &field);
  if (KindOf(field) == v1::VALUE_KIND_RESOURCE) {
    const std::string folder = FolderOf(entry, field);
    const std::string project = FolderOf(entry, *entry.GetDescriptor()->FindFieldByName("title"));
    text = text.substr(text.starts_with(folder) ? folder.size() : text.starts_with(project) ? project.size() : 0);
  }
  return IsNumber(field) ? text : Guarded(text);
}

std::string TakeCell(const std::string& column, std::string cell, Message& entry) {
  cell = WithoutGuard(std::move(cell));
  if (column == "labels") {
    std::map<std::string, std::string> labels;
    for (const std::string& pair : Split(cell)) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos) return "LABEL_INVALID";
      labels[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    SetLabels(entry, labels);
    return "";
  }
  if (!column.starts_with(kAttributes)) return TakeField(*entry.GetDescriptor()->FindFieldByName(column), cell, entry);
  auto attributes = AttributesOf(entry);
  const std::string id = column.substr(std::string(kAttributes).size());
  if (cell.empty()) {
    attributes.erase(id);
  } else {
    attributes[id].set_text(cell);
  }
  SetAttributes(entry, attributes);
  return "";
}

std::string WithoutGuard(std::string cell) {
  const bool guarded = cell.size() > 1 && cell[0] == '\'' &&
                       (cell[1] == '\'' || std::string(kFormulas).find(cell[1]) != std::string::npos);
  return guarded ? cell.substr(1) : cell;
}

}  // namespace greffe::model
