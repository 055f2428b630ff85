#include "storage/base/json_reader.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#define RAPIDJSON_HAS_STDSTRING 1
#include "absl/status/statusor.h"
#include "absl/strings/charconv.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "rapidjson/document.h"
#include "rapidjson/encodedstream.h"
#include "rapidjson/error/en.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"
#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = rapidjson::Value;

constexpr int kMaxDepth = 32;

// A message type's fields by their JSON names, in byte order. Looked up once a thread: a descriptor finds its fields by
// walking them.
using FieldTable = std::vector<std::pair<std::string_view, const FieldDescriptor*>>;

const FieldTable& FieldsOf(const google::protobuf::Descriptor* type) {
  thread_local std::unordered_map<const google::protobuf::Descriptor*, FieldTable> tables;
  FieldTable& table = tables[type];
  if (table.empty()) {
    for (int i = 0; i < type->field_count(); ++i) table.emplace_back(type->field(i)->json_name(), type->field(i));
    std::sort(table.begin(), table.end());
  }
  return table;
}

std::string_view NameOf(const Json::Member& member) { return {member.name.GetString(), member.name.GetStringLength()}; }

absl::Status BadRecord(const std::string& finding) { return Damaged("record", finding); }

absl::Status ReadMessage(const Json& json, Message& message, int depth, bool skip_format);

absl::StatusOr<std::int64_t> ReadInteger(const Json& json, const FieldDescriptor* field, std::int64_t minimum,
                                         std::int64_t maximum) {
  std::int64_t number = 0;
  const bool read = json.IsInt64()    ? (number = json.GetInt64(), true)
                    : json.IsString() ? absl::SimpleAtoi(json.GetString(), &number)
                                      : false;
  if (!read || number < minimum || number > maximum) {
    return BadRecord("field '" + field->json_name() + "' is not an integer in its range");
  }
  return number;
}

absl::StatusOr<int> ReadEnum(const Json& json, const FieldDescriptor* field) {
  if (json.IsInt()) return json.GetInt();
  if (json.IsString()) {
    if (const auto* value = field->enum_type()->FindValueByName(json.GetString())) return value->number();
  }
  return BadRecord("field '" + field->json_name() + "' is none of its enum's names");
}

// Sets a singular field, or adds to a repeated one.
absl::Status ReadValue(const Json& json, const FieldDescriptor* field, Message& message, int depth) {
  const Reflection& r = *message.GetReflection();
  const bool add = field->is_repeated();
  const auto wrong = [&] { return BadRecord("field '" + field->json_name() + "' has a value of the wrong type"); };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (!json.IsString()) return wrong();
      std::string text(json.GetString(), json.GetStringLength());
      if (field->type() == FieldDescriptor::TYPE_BYTES) {
        std::string bytes;
        if (!absl::Base64Unescape(text, &bytes)) return wrong();
        text = std::move(bytes);
      }
      add ? r.AddString(&message, field, std::move(text)) : r.SetString(&message, field, std::move(text));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      GREFFE_ASSIGN_OR_RETURN(
          const std::int64_t number,
          ReadInteger(json, field, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
      add ? r.AddInt32(&message, field, static_cast<std::int32_t>(number))
          : r.SetInt32(&message, field, static_cast<std::int32_t>(number));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      GREFFE_ASSIGN_OR_RETURN(
          const std::int64_t number,
          ReadInteger(json, field, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
      add ? r.AddInt64(&message, field, number) : r.SetInt64(&message, field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      if (!json.IsNumber()) return wrong();
      add ? r.AddDouble(&message, field, json.GetDouble()) : r.SetDouble(&message, field, json.GetDouble());
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!json.IsBool()) return wrong();
      add ? r.AddBool(&message, field, json.GetBool()) : r.SetBool(&message, field, json.GetBool());
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      GREFFE_ASSIGN_OR_RETURN(const int number, ReadEnum(json, field));
      add ? r.AddEnumValue(&message, field, number) : r.SetEnumValue(&message, field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadMessage(json, add ? *r.AddMessage(&message, field) : *r.MutableMessage(&message, field), depth + 1,
                         false);
    default:  // Records have no other kinds of field.
      return wrong();
  }
}

// One name twice would be read as either (RFC 7493, 2.3).
absl::Status CheckNames(const Json& object) {
  const auto members = object.GetObject();
  // Canonical records come in order.
  const auto out_of_order = std::adjacent_find(members.begin(), members.end(),
                                               [](const auto& a, const auto& b) { return NameOf(a) >= NameOf(b); });
  if (out_of_order == members.end()) return absl::OkStatus();
  std::vector<std::string_view> names;
  names.reserve(object.MemberCount());
  for (const auto& member : members) names.push_back(NameOf(member));
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? absl::OkStatus() : BadRecord("it has the name '" + std::string(*twice) + "' twice");
}

absl::Status ReadMap(const Json& json, const FieldDescriptor* field, Message& message, int depth) {
  if (!json.IsObject()) return BadRecord("field '" + field->json_name() + "' is not an object");
  GREFFE_RETURN_IF_ERROR(CheckNames(json));
  for (const auto& member : json.GetObject()) {
    Message& entry = *message.GetReflection()->AddMessage(&message, field);
    entry.GetReflection()->SetString(&entry, field->message_type()->map_key(),
                                     std::string(member.name.GetString(), member.name.GetStringLength()));
    GREFFE_RETURN_IF_ERROR(ReadValue(member.value, field->message_type()->map_value(), entry, depth + 1));
  }
  return absl::OkStatus();
}

absl::Status ReadMessage(const Json& json, Message& message, int depth, bool skip_format) {
  if (depth > kMaxDepth) return BadRecord("it is nested deeper than " + std::to_string(kMaxDepth) + " levels");
  const google::protobuf::Descriptor* const type = message.GetDescriptor();
  if (type == google::protobuf::Timestamp::descriptor()) {
    google::protobuf::Timestamp timestamp;
    if (!json.IsString() || !google::protobuf::util::TimeUtil::FromString(json.GetString(), &timestamp)) {
      return BadRecord("a timestamp is not as RFC 3339 writes it");
    }
    message.CopyFrom(timestamp);
    return absl::OkStatus();
  }
  if (!json.IsObject()) return BadRecord("'" + type->name() + "' is not an object");
  GREFFE_RETURN_IF_ERROR(CheckNames(json));
  const FieldTable& fields = FieldsOf(type);
  for (const auto& member : json.GetObject()) {
    const std::string_view name = NameOf(member);
    if (skip_format && name == "format") continue;
    const auto found =
        std::lower_bound(fields.begin(), fields.end(), name,
                         [](const auto& field, std::string_view wanted) { return field.first < wanted; });
    if (found == fields.end() || found->first != name) {
      return BadRecord("it has an unknown field '" + std::string(name) + "'");
    }
    const FieldDescriptor* const field = found->second;
    if (field->is_map()) {
      GREFFE_RETURN_IF_ERROR(ReadMap(member.value, field, message, depth));
    } else if (field->is_repeated()) {
      if (!member.value.IsArray()) return BadRecord("field '" + std::string(name) + "' is not an array");
      for (const Json& element : member.value.GetArray()) {
        GREFFE_RETURN_IF_ERROR(ReadValue(element, field, message, depth));
      }
    } else {
      GREFFE_RETURN_IF_ERROR(ReadValue(member.value, field, message, depth));
    }
  }
  return absl::OkStatus();
}

// Builds a document, with numbers that are read here: RapidJSON's own reading of doubles to the last digit shifts by
// negative numbers for some hostile ones.
class NumberReader {
 public:
  explicit NumberReader(rapidjson::Document& document) : document_(document) {}

  bool RawNumber(const char* digits, rapidjson::SizeType length, bool) {
    std::int64_t integer = 0;
    if (absl::SimpleAtoi(absl::string_view(digits, length), &integer)) return document_.Int64(integer);
    double number = 0;
    const auto [end, error] = absl::from_chars(digits, digits + length, number);
    return error == std::errc() && end == digits + length && document_.Double(number);
  }
  bool Null() { return document_.Null(); }
  bool Bool(bool value) { return document_.Bool(value); }
  bool String(const char* text, rapidjson::SizeType length, bool copy) { return document_.String(text, length, copy); }
  bool Key(const char* text, rapidjson::SizeType length, bool copy) { return document_.Key(text, length, copy); }
  bool StartObject() { return document_.StartObject(); }
  bool EndObject(rapidjson::SizeType members) { return document_.EndObject(members); }
  bool StartArray() { return document_.StartArray(); }
  bool EndArray(rapidjson::SizeType elements) { return document_.EndArray(elements); }
  // Not called, since numbers come raw.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  rapidjson::Document& document_;
};

}  // namespace

absl::Status ReadJsonRecord(std::string_view json, int known_format, Message& record) {
  rapidjson::Document document;
  // The iterative parser does not recurse: hostile nesting cannot exhaust the stack.
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::ParseResult parsed;
  const auto parse = [&](rapidjson::Document& filled) {
    rapidjson::MemoryStream bytes(json.data(), json.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
    NumberReader numbers(filled);
    parsed = rapidjson::Reader().Parse<kFlags>(stream, numbers);
    return !parsed.IsError();
  };
  document.Populate(parse);
  if (parsed.IsError()) {
    return BadRecord(std::string("it is not JSON at byte ") + std::to_string(parsed.Offset()) + ": " +
                     rapidjson::GetParseError_En(parsed.Code()));
  }
  if (!document.IsObject()) return BadRecord("it is not a JSON object");
  const rapidjson::Value& object = document;
  const auto format = object.FindMember("format");
  if (format == object.MemberEnd() || !format->value.IsInt() || format->value.GetInt() < 1) {
    return BadRecord("it has no format number");
  }
  if (format->value.GetInt() > known_format) {
    return Error(absl::StatusCode::kFailedPrecondition, kRecordFormatNewer,
                 "record has format " + std::to_string(format->value.GetInt()) + ", this program knows up to " +
                     std::to_string(known_format));
  }
  return ReadMessage(document, record, 0, true);
}

}  // namespace greffe
