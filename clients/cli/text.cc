#include "clients/cli/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/time/time.h"

namespace greffe::cli {
namespace {

// Calls `visit(code point, or -1 for a byte that is none; bytes)` along the text.
template <typename Visit>
void ForEachCodePoint(const std::string& text, const Visit& visit) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t code_point = -1;
    const utf8proc_ssize_t length =
        utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &code_point);
    const std::size_t step = length < 1 ? 1 : static_cast<std::size_t>(length);
    visit(length < 1 ? -1 : code_point, text.substr(i, step));
    i += step;
  }
}

std::string TimeText(const char* format, const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  const absl::Time moment = absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime(format, moment, absl::LocalTimeZone());
}

}  // namespace

std::string Normalized(const std::string& text) {
  utf8proc_uint8_t* const normalized = utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
  if (normalized == nullptr) return text;
  const std::string result(reinterpret_cast<const char*>(normalized));
  std::free(normalized);
  return result;
}

std::string ProjectPath(const std::string& text) {
  const std::string path = std::filesystem::path(Normalized(text)).lexically_normal().generic_string();
  return path == "." ? "" : path;
}

std::string Printable(const std::string& text) {
  std::string result;
  ForEachCodePoint(text, [&](int code_point, const std::string& bytes) {
    const bool control = code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) ||
                         (code_point >= 0x202a && code_point <= 0x202e) ||
                         (code_point >= 0x2066 && code_point <= 0x2069);
    if (!control) {
      result += bytes;
      return;
    }
    for (const char byte : bytes) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\x%02x", static_cast<unsigned char>(byte));
      result += escaped;
    }
  });
  return result;
}

std::string PrintableLine(const std::string& line) {
  std::string result;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t tab = std::min(line.find('\t', at), line.size());
    result += Printable(line.substr(at, tab - at));
    if (tab < line.size()) result += '\t';
    at = tab + 1;
  }
  return result;
}

std::string FirstLine(const std::string& text) { return Printable(text.substr(0, text.find('\n'))); }

int WidthOf(const std::string& text) {
  int width = 0;
  ForEachCodePoint(text, [&](int code_point, const std::string&) {
    width += code_point < 0 ? 1 : std::max(0, utf8proc_charwidth(code_point));
  });
  return width;
}

std::string ShortTime(const google::protobuf::Timestamp& time) { return TimeText("%Y-%m-%d %H:%M%Ez", time); }
std::string LongTime(const google::protobuf::Timestamp& time) { return TimeText("%Y-%m-%dT%H:%M:%S%Ez", time); }

std::string SizeText(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof(text), unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

std::string PrincipalText(const v1::Principal& principal) {
  return Printable(principal.display_name().empty() ? principal.id() : principal.display_name());
}

std::string LowerWords(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = ' ';
  }
  return name;
}

std::string EnumValueText(const google::protobuf::EnumDescriptor& type, int value) {
  const auto* known = type.FindValueByNumber(value);
  if (value == 0 || known == nullptr) return value == 0 ? "" : std::to_string(value);
  // The enum's own name in capitals stands before each value.
  std::string prefix;
  for (const char c : type.name()) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !prefix.empty()) prefix += '_';
    prefix += capital ? c : static_cast<char>(c - 'a' + 'A');
  }
  const std::string& name = known->name();
  return LowerWords(name.rfind(prefix + "_", 0) == 0 ? name.substr(prefix.size() + 1) : name);
}

}  // namespace greffe::cli
