#include "storage/base/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/errors.h"
#include "storage/base/json_reader.h"

namespace greffe {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A message type's fields as they are written: by JSON name, without output-only ones.
using FieldList = std::vector<const FieldDescriptor*>;

const FieldList& FieldsOf(const Descriptor& descriptor) {
  static std::shared_mutex mutex;
  static auto& lists = *new std::unordered_map<const Descriptor*, std::unique_ptr<FieldList>>();
  {
    std::shared_lock lock(mutex);
    if (const auto found = lists.find(&descriptor); found != lists.end()) return *found->second;
  }
  auto fields = std::make_unique<FieldList>();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor* field = descriptor.field(i);
    if (field->options().GetExtension(v1::behavior) != v1::FIELD_BEHAVIOR_OUTPUT_ONLY) fields->push_back(field);
  }
  std::sort(fields->begin(), fields->end(),
            [](const FieldDescriptor* a, const FieldDescriptor* b) { return a->json_name() < b->json_name(); });
  std::unique_lock lock(mutex);
  return *lists.try_emplace(&descriptor, std::move(fields)).first->second;
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void WriteMessage(const Message& message, bool with_format) {
    if (const auto* timestamp = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
      WriteString(google::protobuf::util::TimeUtil::ToString(*timestamp));
      return;
    }
    out_ += '{';
    ++depth_;
    bool first = true;
    bool format_due = with_format;
    const auto write_format = [&] {
      WriteKey("format", first);
      out_ += std::to_string(kRecordFormat);
      format_due = false;
    };
    const Reflection& reflection = *message.GetReflection();
    for (const FieldDescriptor* field : FieldsOf(*message.GetDescriptor())) {
      if (field->is_repeated() ? reflection.FieldSize(message, field) == 0 : !IsSet(message, reflection, field))
        continue;
      if (format_due && field->json_name() > "format") write_format();
      WriteKey(field->json_name(), first);
      if (field->is_map()) {
        WriteMap(message, reflection, field);
      } else if (field->is_repeated()) {
        WriteArray(message, reflection, field);
      } else {
        WriteValue(message, reflection, field, -1);
      }
    }
    if (format_due) write_format();
    --depth_;
    if (!first) NewLine();
    out_ += '}';
  }

 private:
  static bool IsSet(const Message& message, const Reflection& reflection, const FieldDescriptor* field) {
    return reflection.HasField(message, field);
  }

  void NewLine() {
    out_ += '\n';
    out_.append(2 * static_cast<std::size_t>(depth_), ' ');
  }

  void WriteKey(const std::string& key, bool& first) {
    if (!first) out_ += ',';
    first = false;
    NewLine();
    WriteString(key);
    out_ += ": ";
  }

  void WriteArray(const Message& message, const Reflection& reflection, const FieldDescriptor* field) {
    out_ += '[';
    ++depth_;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (i > 0) out_ += ',';
      NewLine();
      WriteValue(message, reflection, field, i);
    }
    --depth_;
    NewLine();
    out_ += ']';
  }

  void WriteMap(const Message& message, const Reflection& reflection, const FieldDescriptor* field) {
    const FieldDescriptor* key = field->message_type()->map_key();
    const FieldDescriptor* value = field->message_type()->map_value();
    std::vector<std::pair<std::string, const Message*>> entries;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, field, i);
      entries.emplace_back(entry.GetReflection()->GetString(entry, key), &entry);
    }
    std::sort(entries.begin(), entries.end());
    out_ += '{';
    ++depth_;
    bool first = true;
    for (const auto& [name, entry] : entries) {
      WriteKey(name, first);
      WriteValue(*entry, *entry->GetReflection(), value, -1);
    }
    --depth_;
    NewLine();
    out_ += '}';
  }

  void WriteValue(const Message& m, const Reflection& r, const FieldDescriptor* f, int i) {
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text =
            i < 0 ? r.GetStringReference(m, f, &scratch) : r.GetRepeatedStringReference(m, f, i, &scratch);
        if (f->type() == FieldDescriptor::TYPE_BYTES) {
          WriteString(absl::Base64Escape(text));
        } else {
          WriteString(text);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        out_ += std::to_string(i < 0 ? r.GetInt32(m, f) : r.GetRepeatedInt32(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        out_ += std::to_string(i < 0 ? r.GetUInt32(m, f) : r.GetRepeatedUInt32(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        out_ += '"' + std::to_string(i < 0 ? r.GetInt64(m, f) : r.GetRepeatedInt64(m, f, i)) + '"';
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        out_ += '"' + std::to_string(i < 0 ? r.GetUInt64(m, f) : r.GetRepeatedUInt64(m, f, i)) + '"';
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        WriteDouble(i < 0 ? r.GetDouble(m, f) : r.GetRepeatedDouble(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        WriteDouble(i < 0 ? r.GetFloat(m, f) : r.GetRepeatedFloat(m, f, i));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        out_ += (i < 0 ? r.GetBool(m, f) : r.GetRepeatedBool(m, f, i)) ? "true" : "false";
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int number = i < 0 ? r.GetEnumValue(m, f) : r.GetRepeatedEnumValue(m, f, i);
        const auto* value = f->enum_type()->FindValueByNumber(number);
        if (value != nullptr) {
          WriteString(value->name());
        } else {
          out_ += std::to_string(number);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        WriteMessage(i < 0 ? r.GetMessage(m, f) : r.GetRepeatedMessage(m, f, i), false);
        break;
    }
  }

  void WriteDouble(double value) {
    if (!std::isfinite(value)) {
      out_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
      return;
    }
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    out_.append(digits, end.ptr);
  }

  void WriteString(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
      const auto special = std::find_if(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
      });
      const auto plain = static_cast<std::size_t>(special - text.begin());
      out_ += text.substr(0, plain);
      if (plain == text.size()) break;
      WriteEscaped(text[plain]);
      text.remove_prefix(plain + 1);
    }
    out_ += '"';
  }

  void WriteEscaped(char c) {
    static constexpr char kHex[] = "0123456789abcdef";
    out_ += '\\';
    switch (c) {
      case '\n':
        out_ += 'n';
        break;
      case '\t':
        out_ += 't';
        break;
      case '\r':
        out_ += 'r';
        break;
      case '\b':
        out_ += 'b';
        break;
      case '\f':
        out_ += 'f';
        break;
      case '"':
      case '\\':
        out_ += c;
        break;
      default:
        out_ += "u00";
        out_ += kHex[c >> 4];
        out_ += kHex[c & 15];
    }
  }

  std::string& out_;
  int depth_ = 0;
};

}  // namespace

std::string ToCanonicalJson(const Message& record) {
  std::string json;
  json.reserve(1024);
  Writer(json).WriteMessage(record, true);
  json += '\n';
  return json;
}

absl::Status FromCanonicalJson(std::string_view json, Message& record) {
  record.Clear();
  return ReadJsonRecord(json, kRecordFormat, record);
}

bool IsUnreadable(const absl::Status& status) {
  return absl::IsDataLoss(status) || ReasonOf(status) == kRecordFormatNewer;
}

}  // namespace greffe
