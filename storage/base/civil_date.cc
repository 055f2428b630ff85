#include "storage/base/civil_date.h"

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

// Without a check: "2026-03-31".
absl::CivilDay ParseDate(const std::string& date) {
  int year = 1970;
  int month = 1;
  int day = 1;
  std::sscanf(date.c_str(), "%4d-%2d-%2d", &year, &month, &day);
  return absl::CivilDay(year, month, day);
}

std::string FormatDate(absl::CivilDay day) {
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

std::string AddDays(const std::string& date, int days) { return FormatDate(ParseDate(date) + days); }

std::int64_t DaysBetween(const std::string& from, const std::string& to) { return ParseDate(to) - ParseDate(from); }

}  // namespace greffe
