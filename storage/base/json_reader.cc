#include "storage/base/json_reader.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#endif
#include "absl/container/inlined_vector.h"
#include "absl/strings/charconv.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "rapidjson/error/en.h"
#include "rapidjson/reader.h"
#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::size_t kMaxDepth = 32;
// The parser looks at so many bytes at once.
constexpr std::size_t kParserBlock = 16;

// A message type's fields by their JSON names, in byte order. Looked up once a thread: a descriptor finds its fields by
// walking them.
using FieldTable = std::vector<std::pair<std::string_view, const FieldDescriptor*>>;

const FieldTable& FieldsOf(const Descriptor* type) {
  thread_local std::unordered_map<const Descriptor*, FieldTable> tables;
  FieldTable& table = tables[type];
  if (table.empty()) {
    for (int i = 0; i < type->field_count(); ++i) table.emplace_back(type->field(i)->json_name(), type->field(i));
    std::sort(table.begin(), table.end());
  }
  return table;
}

absl::Status BadRecord(const std::string& finding) { return Damaged("record", finding); }

// A text, or a number as it is written.
struct Scalar {
  absl::string_view text;
  bool quoted = false;
};

// What RapidJSON asks of a handler, for one that takes numbers as they are written: its own reading of doubles to the
// last digit shifts by negative numbers for some hostile ones.
struct RawNumbers {
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
};

// Fills a message with what the parser meets. A function that returns false ends the parsing; status() says why.
class MessageFiller : public RawNumbers {
 public:
  explicit MessageFiller(Message& record) : record_(record) { objects_.reserve(8); }

  const absl::Status& status() const { return status_; }
  // 0: none was met.
  int format() const { return format_; }

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view name(text, length);
    Object& object = objects_.back();
    at_format_ = objects_.size() == 1 && name == "format";
    if (at_format_) return format_ == 0 || FailTwice(name);
    if (object.map != nullptr) return StartEntry(object, name);
    const FieldTable& fields = *object.fields;
    const auto found =
        std::lower_bound(fields.begin(), fields.end(), name,
                         [](const auto& field, std::string_view wanted) { return field.first < wanted; });
    if (found == fields.end() || found->first != name) {
      return Fail("it has an unknown field '" + std::string(name) + "'");
    }
    if (std::exchange(object.seen[static_cast<std::size_t>(found - fields.begin())], true)) return FailTwice(name);
    object.field = found->second;
    return true;
  }

  bool StartObject() {
    if (objects_.size() == kMaxDepth) return Fail("it is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    if (objects_.empty()) return Enter(record_);
    const Object& object = objects_.back();
    const FieldDescriptor* const field = object.field;
    Message& message = *object.message;
    if (!at_format_ && field->is_map()) {
      Object& entries = objects_.emplace_back();
      entries.field = field->message_type()->map_value();
      entries.map = field;
      entries.owner = &message;
      return true;
    }
    if (!MayAdd() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsTimestamp(field)) return FailType();
    return Enter(MessageToFill(message, field));
  }
  bool EndObject(rapidjson::SizeType) {
    objects_.pop_back();
    return true;
  }

  bool StartArray() {
    if (objects_.empty() || at_format_) return FailType();
    Object& object = objects_.back();
    if (object.in_array || !object.field->is_repeated() || object.field->is_map()) return FailType();
    object.in_array = true;
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    objects_.back().in_array = false;
    return true;
  }

  bool String(const char* text, rapidjson::SizeType length, bool) { return Add({{text, length}, true}); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) { return Add({{text, length}, false}); }
  bool Null() { return FailType(); }
  bool Bool(bool value) {
    if (!MayAdd() || objects_.back().field->cpp_type() != FieldDescriptor::CPPTYPE_BOOL) return FailType();
    const FieldDescriptor* const field = objects_.back().field;
    Message& m = *objects_.back().message;
    const Reflection& r = *objects_.back().reflection;
    field->is_repeated() ? r.AddBool(&m, field, value) : r.SetBool(&m, field, value);
    return true;
  }

 private:
  // An object that has begun.
  struct Object {
    Message* message = nullptr;              // that values go into; of a map, its entry
    const Reflection* reflection = nullptr;  // its own
    const FieldDescriptor* field = nullptr;  // that the next value is of
    const FieldTable* fields = nullptr;      // null: it is a map
    const FieldDescriptor* map = nullptr;
    Message* owner = nullptr;  // of the map
    bool in_array = false;
    // One name twice would be read as either (RFC 7493, 2.3).
    absl::InlinedVector<bool, 64> seen;        // by place in `fields`
    std::set<std::string, std::less<>> names;  // of a map
  };

  static bool IsTimestamp(const FieldDescriptor* field) {
    return field->message_type() == google::protobuf::Timestamp::descriptor();
  }

  static Message& MessageToFill(Message& message, const FieldDescriptor* field) {
    const Reflection& r = *message.GetReflection();
    return field->is_repeated() ? *r.AddMessage(&message, field) : *r.MutableMessage(&message, field);
  }

  bool Fail(const std::string& finding) {
    status_ = BadRecord(finding);
    return false;
  }
  bool FailTwice(std::string_view name) { return Fail("it has the name '" + std::string(name) + "' twice"); }
  bool FailType() {
    if (objects_.empty()) return Fail("it is not a JSON object");
    if (at_format_) return Fail("it has no format number");
    return Fail("field '" + objects_.back().field->json_name() + "' has a value of the wrong type");
  }

  // Whether one value fits here: all of a repeated field stand in an array.
  bool MayAdd() const {
    return !objects_.empty() && !at_format_ && objects_.back().field->is_repeated() == objects_.back().in_array;
  }

  bool Enter(Message& message) {
    const FieldTable& fields = FieldsOf(message.GetDescriptor());
    Object& object = objects_.emplace_back();
    object.message = &message;
    object.reflection = message.GetReflection();
    object.fields = &fields;
    object.seen.resize(fields.size());
    return true;
  }

  bool StartEntry(Object& object, std::string_view name) {
    if (!IsUtf8(name)) return Fail("a name of field '" + object.map->json_name() + "' has half a character");
    if (!object.names.emplace(name).second) return FailTwice(name);
    Message& entry = *object.owner->GetReflection()->AddMessage(object.owner, object.map);
    object.message = &entry;
    object.reflection = entry.GetReflection();
    object.reflection->SetString(&entry, object.map->message_type()->map_key(), std::string(name));
    return true;
  }

  bool Add(const Scalar& value) {
    if (at_format_) {
      return (!value.quoted && absl::SimpleAtoi(value.text, &format_) && format_ > 0) || FailType();
    }
    if (!MayAdd()) return FailType();
    const FieldDescriptor* const f = objects_.back().field;
    Message& m = *objects_.back().message;
    const Reflection& r = *objects_.back().reflection;
    const bool add = f->is_repeated();
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        if (!value.quoted) return FailType();
        std::string text(value.text);
        if (f->type() == FieldDescriptor::TYPE_BYTES) {
          if (!absl::Base64Unescape(value.text, &text)) return FailType();
        } else if (!IsUtf8(text)) {
          // Half of a pair of surrogates, escaped. Such a message is written as a row, and not read again.
          return Fail("field '" + f->json_name() + "' has half a character");
        }
        add ? r.AddString(&m, f, std::move(text)) : r.SetString(&m, f, std::move(text));
        return true;
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        std::int32_t number = 0;
        if (!absl::SimpleAtoi(value.text, &number)) return FailInteger(f);
        add ? r.AddInt32(&m, f, number) : r.SetInt32(&m, f, number);
        return true;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        std::int64_t number = 0;
        if (!absl::SimpleAtoi(value.text, &number)) return FailInteger(f);
        add ? r.AddInt64(&m, f, number) : r.SetInt64(&m, f, number);
        return true;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        double number = 0;
        const char* const text_end = value.text.data() + value.text.size();
        const auto [end, error] = absl::from_chars(value.text.data(), text_end, number);
        if (value.quoted || error != std::errc() || end != text_end) return FailType();
        add ? r.AddDouble(&m, f, number) : r.SetDouble(&m, f, number);
        return true;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        int number = 0;
        const auto* named = value.quoted ? f->enum_type()->FindValueByName(std::string(value.text)) : nullptr;
        if (named != nullptr) {
          number = named->number();
        } else if (value.quoted || !absl::SimpleAtoi(value.text, &number)) {
          return Fail("field '" + f->json_name() + "' is none of its enum's names");
        }
        add ? r.AddEnumValue(&m, f, number) : r.SetEnumValue(&m, f, number);
        return true;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        google::protobuf::Timestamp time;
        if (!value.quoted || !IsTimestamp(f)) return FailType();
        if (!google::protobuf::util::TimeUtil::FromString(std::string(value.text), &time)) {
          return Fail("a timestamp is not as RFC 3339 writes it");
        }
        MessageToFill(m, f).CopyFrom(time);
        return true;
      }
      default:  // Records have no other kinds of field.
        return FailType();
    }
  }

  bool FailInteger(const FieldDescriptor* field) {
    return Fail("field '" + field->json_name() + "' is not an integer in its range");
  }

  Message& record_;
  std::vector<Object> objects_;
  bool at_format_ = false;  // the next value is the record's format
  int format_ = 0;
  absl::Status status_;
};

// Of a record that is not understood: what its format is, wherever that stands.
class FormatFinder : public RawNumbers {
 public:
  int format() const { return format_; }

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    at_format_ = depth_ == 1 && std::string_view(text, length) == "format";
    return true;
  }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    if (at_format_ && !absl::SimpleAtoi(absl::string_view(text, length), &format_)) format_ = 0;
    at_format_ = false;
    return true;
  }
  bool String(const char*, rapidjson::SizeType, bool) { return Pass(); }
  bool Null() { return Pass(); }
  bool Bool(bool) { return Pass(); }
  bool StartObject() { return Open(); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool StartArray() { return Open(); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

 private:
  bool Pass() {
    at_format_ = false;
    return true;
  }
  bool Open() {
    ++depth_;
    return Pass();
  }
  bool Close() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  bool at_format_ = false;
  int format_ = 0;
};

template <typename Handler>
absl::Status Parse(std::string_view json, Handler& handler) {
  // It is parsed where it lies, which changes it; a NUL would end it.
  std::string text;
  text.reserve(json.size() + kParserBlock);
  text.append(json).append(kParserBlock, '\0');
  // The iterative parser does not recurse: hostile nesting cannot exhaust the stack.
  constexpr unsigned kFlags =
      rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::InsituStringStream stream(text.data());
  const rapidjson::ParseResult parsed = rapidjson::Reader().Parse<kFlags>(stream, handler);
  if (!parsed.IsError()) return absl::OkStatus();
  return BadRecord(std::string("it is not JSON at byte ") + std::to_string(parsed.Offset()) + ": " +
                   rapidjson::GetParseError_En(parsed.Code()));
}

}  // namespace

absl::Status ReadJsonRecord(std::string_view json, int known_format, Message& record) {
  if (!IsUtf8(json)) return BadRecord("it is not UTF-8");
  if (const std::size_t nul = json.find('\0'); nul != std::string_view::npos) {
    return BadRecord("it is not JSON at byte " + std::to_string(nul) + ": a NUL");
  }
  MessageFiller filler(record);
  const absl::Status parsed = Parse(json, filler);
  if (parsed.ok() && filler.format() > 0 && filler.format() <= known_format) return absl::OkStatus();
  // What this program does not understand may be a newer one's.
  FormatFinder finder;
  GREFFE_RETURN_IF_ERROR(Parse(json, finder));
  if (finder.format() > known_format) {
    return Error(absl::StatusCode::kFailedPrecondition, kRecordFormatNewer,
                 "record has format " + std::to_string(finder.format()) + ", this program knows up to " +
                     std::to_string(known_format));
  }
  if (!filler.status().ok()) return filler.status();
  return BadRecord("it has no format number");
}

}  // namespace greffe
