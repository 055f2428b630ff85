// Text for terminals.
#pragma once

#include <cstdint>
#include <string>

#include "clients/cpp/client.h"

namespace greffe::cli {

// The text with what is not UTF-8 replaced by U+FFFD.
std::string ValidUtf8(const std::string& text);

// In Unicode NFC, as paths are compared; the input when it is not UTF-8.
std::string Normalized(const std::string& text);

// Harmless on a terminal: control characters, which could move its cursor or worse, are written as \xNN.
std::string Printable(const std::string& text);

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

// `ACTIVE` of `DOCUMENT_STATE_ACTIVE` as "active".
std::string StateText(v1::DocumentState state);
// `CHANGE_KIND_CHECKED_IN` as "checked in".
std::string KindText(v1::ChangeKind kind);

}  // namespace greffe::cli
