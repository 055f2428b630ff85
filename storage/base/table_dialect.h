// How tables are written: encodings, delimiters, dates and decimals (TableDialect). Functions of text alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/tables.pb.h"

namespace greffe {

// INVALID_ARGUMENT naming the field below `field` for a value that is none of its enum's.
absl::Status ValidateDialect(const v1::TableDialect& dialect, const std::string& field);

// The dialect of an export: what is not specified, as TableDialect says.
v1::TableDialect ExportDialect(v1::TableDialect dialect);

// Finds out encoding and delimiter where they are not specified, and takes off `bytes` what only says them: a byte
// order mark, a line `sep=;`. INVALID_ARGUMENT (ENCODING_UNKNOWN) for UTF-16, what is no text, and what looks like Mac
// Roman where no encoding is specified.
absl::Status DetectForm(std::string_view& bytes, v1::TableDialect& dialect);

char DelimiterOf(const v1::TableDialect& dialect);

// A cell as UTF-8; nullopt: it is not of that encoding.
std::optional<std::string> DecodeCell(std::string bytes, const v1::TableDialect& dialect);

// Text as bytes, which are to stand at the beginning of a table or `inside` it; nullopt: it has a character that the
// encoding has not.
std::optional<std::string> EncodeText(std::string text, const v1::TableDialect& dialect, bool inside = false);

// Without spaces of any kind at its ends.
std::string_view TrimCell(std::string_view text);

// The text as one line: each run of spaces and line ends is one space, none is at its ends.
std::string OneLine(std::string_view text);

// The ISO date of a cell, "" of an empty one; nullopt: it is none. A time of midnight after it is passed over.
std::optional<std::string> ReadDate(std::string_view cell, v1::TableDates dates);

// What stands before the slashes of a cell such as `4/3/2026`, be there such a day or not; nullopt: it is not so
// written.
std::optional<std::pair<int, int>> NumbersOfSlashedDate(std::string_view cell);

std::string WriteDate(const std::string& date, v1::TableDates dates);

// A decimal number with a point, `-1250.50`, of a cell; "" of an empty one; nullopt: it is none.
std::optional<std::string> ReadDecimal(std::string_view cell, v1::TableDecimals decimals);
std::string WriteDecimal(std::string number, v1::TableDecimals decimals);

}  // namespace greffe
