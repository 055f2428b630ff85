#include "storage/base/table_dialect.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/base/civil_date.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/utf8.h"
#include "storage/base/windows_1252.h"

namespace greffe {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// Space, no-break space, thin space, narrow no-break space: what French puts between thousands.
constexpr std::array<std::string_view, 4> kSpaces = {" ", "\xc2\xa0", "\xe2\x80\x89", "\xe2\x80\xaf"};
constexpr std::string_view kMinus = "\xe2\x88\x92";

template <typename Valid>
absl::Status Check(int value, Valid valid, const std::string& field) {
  return valid(value) ? absl::OkStatus() : InvalidValue(field, std::to_string(value), "is no such value");
}

// Whether bytes that are no UTF-8 were meant to be: text of Windows-1252 hardly ever has what UTF-8 has.
bool HasUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::optional<char32_t> c = TakeCodePoint(bytes);
    if (!c) {
      bytes.remove_prefix(1);
    } else if (*c >= 0x80) {
      return true;
    }
  }
  return false;
}

// Whether bytes that would be Windows-1252 are rather Mac Roman, in which Excel on a Mac saves tables: its letters
// a-umlaut, e-acute, u-umlaut and a-ring would be capitals in the middle of words (`GebSude` with a caron).
bool LooksLikeMacRoman(std::string_view bytes) {
  constexpr std::string_view kCapitals = "\x8a\x8c\x8e\x9f";
  const auto is_letter = [&](std::size_t i) {
    return i < bytes.size() && absl::ascii_isalpha(static_cast<unsigned char>(bytes[i]));
  };
  bool found = false;
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    if (static_cast<unsigned char>(bytes[i]) < 0x80 || !is_letter(i - 1)) continue;
    // What has letters of Windows-1252 inside its words is that.
    if (static_cast<unsigned char>(bytes[i]) >= 0xc0 && is_letter(i + 1)) return false;
    found = found || (kCapitals.find(bytes[i]) != std::string_view::npos &&
                      absl::ascii_islower(static_cast<unsigned char>(bytes[i - 1])));
  }
  return found;
}

// Cuts a space of any kind off the front.
bool TakeSpace(std::string_view& text) {
  for (const std::string_view space : kSpaces) {
    if (!text.starts_with(space)) continue;
    text.remove_prefix(space.size());
    return true;
  }
  return false;
}

// Up to `most` digits; below 0: there are none.
int TakeNumber(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t length = 0;
  int number = 0;
  while (length < text.size() && length < most && absl::ascii_isdigit(text[length]))
    number = number * 10 + (text[length++] - '0');
  if (length < least) return -1;
  text.remove_prefix(length);
  return number;
}

std::string_view WithoutMidnight(std::string_view text) {
  for (const std::string_view midnight : {"T00:00:00", " 00:00:00", " 00:00"}) {
    if (text.ends_with(midnight)) text.remove_suffix(midnight.size());
  }
  return text;
}

struct SlashedDate {
  int first;
  int second;
  int year;
};

std::optional<SlashedDate> TakeSlashedDate(std::string_view text) {
  const auto take_slash = [&text] {
    const bool there = text.starts_with('/');
    if (there) text.remove_prefix(1);
    return there;
  };
  SlashedDate date{};
  date.first = TakeNumber(text, 1, 2);
  if (date.first < 0 || !take_slash()) return std::nullopt;
  date.second = TakeNumber(text, 1, 2);
  if (date.second < 0 || !take_slash()) return std::nullopt;
  date.year = TakeNumber(text, 4, 4);
  return date.year < 0 || !text.empty() ? std::nullopt : std::optional(date);
}

}  // namespace

absl::Status ValidateDialect(const v1::TableDialect& dialect, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(Check(dialect.encoding(), v1::TableEncoding_IsValid, field + ".encoding"));
  GREFFE_RETURN_IF_ERROR(Check(dialect.delimiter(), v1::TableDelimiter_IsValid, field + ".delimiter"));
  GREFFE_RETURN_IF_ERROR(Check(dialect.dates(), v1::TableDates_IsValid, field + ".dates"));
  return Check(dialect.decimals(), v1::TableDecimals_IsValid, field + ".decimals");
}

v1::TableDialect ExportDialect(v1::TableDialect dialect) {
  if (dialect.encoding() == v1::TABLE_ENCODING_UNSPECIFIED) dialect.set_encoding(v1::TABLE_ENCODING_UTF_8);
  if (dialect.delimiter() == v1::TABLE_DELIMITER_UNSPECIFIED) dialect.set_delimiter(v1::TABLE_DELIMITER_COMMA);
  if (dialect.dates() == v1::TABLE_DATES_UNSPECIFIED) dialect.set_dates(v1::TABLE_DATES_ISO);
  if (dialect.decimals() == v1::TABLE_DECIMALS_UNSPECIFIED) dialect.set_decimals(v1::TABLE_DECIMALS_POINT);
  return dialect;
}

absl::Status DetectForm(std::string_view& bytes, v1::TableDialect& dialect) {
  const bool utf16 = bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
  if (utf16 || bytes.find('\0') != std::string_view::npos) {
    return InvalidField("data", "ENCODING_UNKNOWN",
                        utf16 ? "is UTF-16; UTF-8 and Windows-1252 are read" : "is no text: it has bytes of value 0");
  }
  const bool marked = bytes.starts_with(kByteOrderMark);
  if (marked && dialect.encoding() != v1::TABLE_ENCODING_WINDOWS_1252) {
    bytes.remove_prefix(kByteOrderMark.size());
    dialect.set_encoding(v1::TABLE_ENCODING_UTF_8_BOM);
  } else if (dialect.encoding() == v1::TABLE_ENCODING_UNSPECIFIED) {
    const bool utf8 = IsUtf8(bytes) || HasUtf8(bytes);
    if (!utf8 && LooksLikeMacRoman(bytes)) {
      return InvalidField("data", "ENCODING_UNKNOWN",
                          "has letters as Mac Roman has them; save it as UTF-8, or say which it is by `encoding`");
    }
    dialect.set_encoding(utf8 ? v1::TABLE_ENCODING_UTF_8 : v1::TABLE_ENCODING_WINDOWS_1252);
  }
  const char found = DetectDelimiter(bytes);
  if (dialect.delimiter() == v1::TABLE_DELIMITER_UNSPECIFIED) {
    dialect.set_delimiter(found == ';'    ? v1::TABLE_DELIMITER_SEMICOLON
                          : found == '\t' ? v1::TABLE_DELIMITER_TAB
                                          : v1::TABLE_DELIMITER_COMMA);
  }
  return absl::OkStatus();
}

char DelimiterOf(const v1::TableDialect& dialect) {
  switch (dialect.delimiter()) {
    case v1::TABLE_DELIMITER_SEMICOLON:
      return ';';
    case v1::TABLE_DELIMITER_TAB:
      return '\t';
    default:
      return ',';
  }
}

std::optional<std::string> DecodeCell(std::string bytes, const v1::TableDialect& dialect) {
  if (dialect.encoding() == v1::TABLE_ENCODING_WINDOWS_1252) return FromWindows1252(bytes);
  if (!IsUtf8(bytes)) return std::nullopt;
  return bytes;
}

std::optional<std::string> EncodeText(std::string text, const v1::TableDialect& dialect, bool inside) {
  if (dialect.encoding() == v1::TABLE_ENCODING_WINDOWS_1252) return ToWindows1252(text);
  if (dialect.encoding() == v1::TABLE_ENCODING_UTF_8_BOM && !inside) text.insert(0, kByteOrderMark);
  return text;
}

std::string_view TrimCell(std::string_view text) {
  const auto is_blank = [](char c) { return c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && (is_blank(text.front()) || TakeSpace(text))) {
    if (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  }
  bool more = true;
  while (more && !text.empty()) {
    more = is_blank(text.back());
    if (more) text.remove_suffix(1);
    for (const std::string_view space : kSpaces) {
      if (!text.ends_with(space)) continue;
      text.remove_suffix(space.size());
      more = true;
    }
  }
  return text;
}

std::string OneLine(std::string_view text) {
  std::string line;
  bool apart = false;
  while (!text.empty()) {
    const char c = text.front();
    if (TakeSpace(text)) {
      apart = true;
    } else if (text.remove_prefix(1); c == '\n' || c == '\r' || c == '\t') {
      apart = true;
    } else {
      if (apart && !line.empty()) line += ' ';
      apart = false;
      line += c;
    }
  }
  return line;
}

std::optional<std::string> ReadDate(std::string_view cell, v1::TableDates dates) {
  const std::string_view text = WithoutMidnight(TrimCell(cell));
  if (text.empty()) return std::string();
  std::string date(text);
  if (text.size() > 4 && text[4] == '-') {
    return ValidateDate(date, "date").ok() ? std::optional(std::move(date)) : std::nullopt;
  }
  if (dates == v1::TABLE_DATES_ISO) return std::nullopt;
  const std::optional<SlashedDate> slashed = TakeSlashedDate(text);
  if (!slashed) return std::nullopt;
  date = absl::StrFormat("%04d-%02d-%02d", slashed->year, slashed->second, slashed->first);
  return ValidateDate(date, "date").ok() ? std::optional(std::move(date)) : std::nullopt;
}

std::optional<std::pair<int, int>> NumbersOfSlashedDate(std::string_view cell) {
  const std::optional<SlashedDate> slashed = TakeSlashedDate(WithoutMidnight(TrimCell(cell)));
  return slashed ? std::optional(std::pair(slashed->first, slashed->second)) : std::nullopt;
}

std::string WriteDate(const std::string& date, v1::TableDates dates) {
  if (dates != v1::TABLE_DATES_FRENCH || date.size() != 10) return date;
  return date.substr(8, 2) + "/" + date.substr(5, 2) + "/" + date.substr(0, 4);
}

std::optional<std::string> ReadDecimal(std::string_view cell, v1::TableDecimals decimals) {
  std::string_view text = TrimCell(cell);
  if (text.empty()) return std::string();
  const char mark = decimals == v1::TABLE_DECIMALS_COMMA ? ',' : '.';
  const char group = mark == ',' ? '.' : ',';
  std::string number;
  if (text.starts_with('-') || text.starts_with(kMinus)) {
    number = "-";
    text.remove_prefix(text[0] == '-' ? 1 : kMinus.size());
  } else if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  // Digits of the group that is read; `grouped`: it is not the first one, and must have three.
  int digits = 0;
  bool grouped = false;
  while (!text.empty() && text[0] != mark) {
    if (absl::ascii_isdigit(text[0])) {
      number += text[0];
      ++digits;
      text.remove_prefix(1);
      continue;
    }
    const bool separator = text[0] == group ? (text.remove_prefix(1), true) : TakeSpace(text);
    if (!separator || digits == 0 || digits > 3 || (grouped && digits != 3)) return std::nullopt;
    if (!grouped && number[number.size() - static_cast<std::size_t>(digits)] == '0') return std::nullopt;
    grouped = true;
    digits = 0;
  }
  if (digits == 0 || (grouped && digits != 3)) return std::nullopt;
  if (text.empty()) return number;
  text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  number += '.';
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    number += c;
  }
  return number;
}

std::string WriteDecimal(std::string number, v1::TableDecimals decimals) {
  if (decimals != v1::TABLE_DECIMALS_COMMA) return number;
  if (const std::size_t point = number.find('.'); point != std::string::npos) number[point] = ',';
  return number;
}

}  // namespace greffe
