// Text for terminals.
#pragma once

#include <cstdint>
#include <string>

#include "clients/cpp/client.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace greffe::cli {

// In Unicode NFC, as paths are compared; the input when it is not UTF-8.
std::string Normalized(const std::string& text);

// The path in a project that people mean: in NFC, without `./` at its beginning and the like; empty for `.`, the whole
// project. A '/' at its end stays.
std::string ProjectPath(const std::string& text);

// Harmless on a terminal: control characters, which could move its cursor or worse, are written as \xNN.
std::string Printable(const std::string& text);

// Of one line: Printable, but tabs stay, which are text there.
std::string PrintableLine(const std::string& line);

// Printable, and only up to the first line feed.
std::string FirstLine(const std::string& text);

// Columns that it takes on a terminal.
int WidthOf(const std::string& text);

// `2026-03-31 14:05+02:00` in the local time zone, as --as-of takes it; empty for an unset time.
std::string ShortTime(const google::protobuf::Timestamp& time);
// RFC 3339 in the local time zone with seconds.
std::string LongTime(const google::protobuf::Timestamp& time);

// `1.4 MiB`.
std::string SizeText(std::int64_t bytes);

// The display name, or the id without one.
std::string PrincipalText(const v1::Principal& principal);

// `IN_REVIEW` as "in review".
std::string LowerWords(std::string name);

// `VERSION_STATE_IN_REVIEW` as "in review": the value without the enum's name; "" for an unspecified one.
std::string EnumValueText(const google::protobuf::EnumDescriptor& type, int value);
template <typename Enum>
std::string EnumText(Enum value) {
  return EnumValueText(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

}  // namespace greffe::cli
