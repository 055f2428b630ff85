// Records as git keeps them: protobuf messages as canonical JSON (RFC 8259 text, proto3's JSON mapping), so that the
// same record is always the same blob and a diff shows one changed field as one changed line.
//
// Rules: fields that are not set (proto3 defaults) and fields marked FIELD_BEHAVIOR_OUTPUT_ONLY are left out, in nested
// messages too; keys are lowerCamelCase names in byte order, map keys in byte order; two spaces of indent, one field
// (and one array element) a line, `": "` after a key, a line feed at the end. Integers of 64 bits are strings, enums
// their names, bytes base64, timestamps RFC 3339, doubles the shortest digits that read back equal. Strings are UTF-8;
// only '"', '\' and control characters are escaped (\n, \t, \r, \b, \f, else \u00xx). A record begins with a `"format"`
// key of its own (a number), added by the writer and checked by the reader: keys sort after it is placed, so it stands
// among them in byte order.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace greffe {

// Format number of records written by this version.
inline constexpr int kRecordFormat = 1;
// Reason of the status for a record that only a newer program knows.
inline constexpr char kRecordFormatNewer[] = "RECORD_FORMAT_NEWER";

// Whether the status says that a project cannot be read whoever asks, and as often as they ask: it is damaged, or of a
// newer program. What is said of several projects is said of the others all the same.
bool IsUnreadable(const absl::Status& status);

// Never fails: a message that came through validation holds valid UTF-8.
std::string ToCanonicalJson(const google::protobuf::Message& record);

// Reads what ToCanonicalJson wrote, or any JSON of that mapping, into `record` (cleared first).
// DATA_LOSS for what is not such JSON, has an unknown field or a name twice, is nested deeper than 32 levels, or lacks
// "format".
// FAILED_PRECONDITION (RECORD_FORMAT_NEWER) when "format" is larger than kRecordFormat.
absl::Status FromCanonicalJson(std::string_view json, google::protobuf::Message& record);

}  // namespace greffe
