#include "tests/model/registers.h"

#include <cctype>

namespace greffe::model {
namespace {

const FieldDescriptor* TextFieldOf(const Message& record, const char* name) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
  return field == nullptr || field->is_repeated() ? nullptr : field;
}

// "RiskState" -> "RISK_STATE_".
std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return prefix + "_";
}

template <typename Visit>
void ForEachPair(const Message& record, const char* map, Visit visit) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(map);
  for (int i = 0; i < record.GetReflection()->FieldSize(record, field); ++i) {
    const Message& pair = record.GetReflection()->GetRepeatedMessage(record, field, i);
    visit(pair, pair.GetReflection()->GetString(pair, field->message_type()->map_key()),
          field->message_type()->map_value());
  }
}

template <typename Map, typename Set>
void SetMap(Message& record, const char* map, const Map& values, Set set) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(map);
  record.GetReflection()->ClearField(&record, field);
  for (const auto& [key, value] : values) {
    Message& pair = *record.GetReflection()->AddMessage(&record, field);
    pair.GetReflection()->SetString(&pair, field->message_type()->map_key(), key);
    set(pair, field->message_type()->map_value(), value);
  }
}

}  // namespace

const std::vector<Register>& Registers() {
  static const std::vector<Register> registers = [] {
    std::vector<Register> all;
    const google::protobuf::Descriptor& entry = *v1::Entry::descriptor();
    for (int i = 0; i < entry.field_count(); ++i) {
      const auto* type = entry.field(i)->message_type();
      all.push_back({type->options().GetExtension(v1::record).collection(),
                     type->options().GetExtension(v1::register_policy).prefix(), entry.field(i), type});
    }
    return all;
  }();
  return registers;
}

const Register* RegisterOf(const std::string& name) {
  const std::size_t begin = name.find('/', name.find('/') + 1) + 1;
  const std::string collection = name.substr(begin, name.find('/', begin) - begin);
  for (const Register& entries : Registers()) {
    if (entries.collection == collection) return &entries;
  }
  return nullptr;
}

const Register& RegisterOf(const google::protobuf::Descriptor& type) {
  for (const Register& entries : Registers()) {
    if (entries.type == &type) return entries;
  }
  return Registers().front();
}

const Message* EntryIn(const v1::Entry& entry) {
  const auto* oneof = v1::Entry::descriptor()->oneof_decl(0);
  const FieldDescriptor* field = entry.GetReflection()->GetOneofFieldDescriptor(entry, oneof);
  return field == nullptr ? nullptr : &entry.GetReflection()->GetMessage(entry, field);
}

v1::Entry EntryOf(const Message& record) {
  v1::Entry entry;
  entry.GetReflection()->MutableMessage(&entry, RegisterOf(*record.GetDescriptor()).field)->CopyFrom(record);
  return entry;
}

EntryPtr CopyOf(const Message& record) {
  EntryPtr copy(record.New());
  copy->CopyFrom(record);
  return copy;
}

EntryPtr NewEntry(const Register& entries) {
  return EntryPtr(google::protobuf::MessageFactory::generated_factory()->GetPrototype(entries.type)->New());
}

std::string Text(const Message& record, const char* name) {
  const FieldDescriptor* field = TextFieldOf(record, name);
  return field == nullptr ? "" : record.GetReflection()->GetString(record, field);
}

void SetText(Message& record, const char* name, const std::string& text) {
  const FieldDescriptor* field = TextFieldOf(record, name);
  if (field != nullptr) record.GetReflection()->SetString(&record, field, text);
}

std::map<std::string, std::string> LabelsOf(const Message& record) {
  std::map<std::string, std::string> labels;
  ForEachPair(record, "labels", [&](const Message& pair, const std::string& key, const FieldDescriptor* value) {
    labels[key] = pair.GetReflection()->GetString(pair, value);
  });
  return labels;
}

void SetLabels(Message& record, const std::map<std::string, std::string>& labels) {
  SetMap(record, "labels", labels, [](Message& pair, const FieldDescriptor* to, const std::string& value) {
    pair.GetReflection()->SetString(&pair, to, value);
  });
}

std::map<std::string, v1::AttributeValue> AttributesOf(const Message& record) {
  std::map<std::string, v1::AttributeValue> attributes;
  ForEachPair(record, "attributes", [&](const Message& pair, const std::string& key, const FieldDescriptor* value) {
    attributes[key].CopyFrom(pair.GetReflection()->GetMessage(pair, value));
  });
  return attributes;
}

void SetAttributes(Message& record, const std::map<std::string, v1::AttributeValue>& attributes) {
  SetMap(record, "attributes", attributes,
         [](Message& pair, const FieldDescriptor* to, const v1::AttributeValue& value) {
           pair.GetReflection()->MutableMessage(&pair, to)->CopyFrom(value);
         });
}

std::int64_t SequenceOf(const Message& record) {
  return record.GetReflection()->GetInt64(record, record.GetDescriptor()->FindFieldByName("sequence"));
}

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

v1::FieldBehavior BehaviorOf(const FieldDescriptor& field) { return field.options().GetExtension(v1::behavior); }

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  return std::string(value.name()).substr(PrefixOf(*value.type()).size());
}

const google::protobuf::EnumValueDescriptor* FindValue(const google::protobuf::EnumDescriptor& type,
                                                       const std::string& short_name) {
  return type.FindValueByName(PrefixOf(type) + short_name);
}

const google::protobuf::EnumValueDescriptor* StateOf(const Message& record) {
  return record.GetReflection()->GetEnum(record, record.GetDescriptor()->FindFieldByName("state"));
}

const v1::StatePolicy& PolicyOf(const google::protobuf::EnumValueDescriptor& state) {
  return state.options().GetExtension(v1::lifecycle);
}

bool IsClosed(const Message& record) { return PolicyOf(*StateOf(record)).closed(); }

}  // namespace greffe::model
