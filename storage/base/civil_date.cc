#include "storage/base/civil_date.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr Micros kLastMicros = 253'402'300'799'999'999;  // that a Timestamp may have

// Without a check: "2026-03-31"; what has another length is no date, and taken for the first one.
absl::CivilDay ParseDate(const std::string& date) {
  if (date.size() != 10) return absl::CivilDay();
  const auto number = [&date](std::size_t begin, std::size_t end) {
    int value = 0;
    for (std::size_t i = begin; i < end; ++i) value = value * 10 + (date[i] - '0');
    return value;
  };
  return absl::CivilDay(number(0, 4), number(5, 7), number(8, 10));
}

// Dates have four digits of a year: where a zone is beyond the first or the last of them, it is that one.
std::string FormatDate(absl::CivilDay day) {
  day = std::clamp(day, absl::CivilDay(1, 1, 1), absl::CivilDay(9999, 12, 31));
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", static_cast<int>(day.year()), day.month(), day.day());
  return text;
}

}  // namespace

absl::Status ValidateDate(const std::string& date, const std::string& field) {
  if (date.empty()) return absl::OkStatus();
  bool valid = date.size() == 10 && date[4] == '-' && date[7] == '-';
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    valid = valid && absl::ascii_isdigit(static_cast<unsigned char>(date[i]));
  }
  // A day that the month does not have would be one of the next month.
  if (valid && date.substr(0, 4) != "0000" && FormatDate(ParseDate(date)) == date) return absl::OkStatus();
  return InvalidField(field, "DATE_INVALID",
                      "'" + PrintableUtf8(date.substr(0, 40)) + "': expected a date such as 2026-03-31");
}

std::string DateAt(Micros time, const std::string& time_zone) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  return FormatDate(absl::ToCivilDay(absl::FromUnixMicros(time), zone));
}

Micros EndOfDay(const std::string& date, const std::string& time_zone) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  const Micros end = absl::ToUnixMicros(absl::FromCivil(absl::CivilSecond(ParseDate(date) + 1), zone)) - 1;
  return std::min(end, kLastMicros);
}

std::string AddDays(const std::string& date, int days) { return FormatDate(ParseDate(date) + days); }

std::string PastDay(const std::string& date) { return date + '\1'; }

std::int64_t DaysBetween(const std::string& from, const std::string& to) { return ParseDate(to) - ParseDate(from); }

}  // namespace greffe
