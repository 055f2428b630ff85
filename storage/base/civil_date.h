// Dates that people plan with: civil dates, `2026-03-31` (ISO 8601), meant in the project's time zone. As text they
// sort as days do.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/base/clock.h"

namespace greffe {

// OK for "" and for a date that is one; INVALID_ARGUMENT (DATE_INVALID) naming `field` and the value.
absl::Status ValidateDate(const std::string& date, const std::string& field);

// The day that it is at `time` in the zone of that IANA name; UTC when the name is not known. Here and in AddDays
// 0001-01-01 or 9999-12-31 for what is beyond.
std::string DateAt(Micros time, const std::string& time_zone);

// The last microsecond of that day, which is valid, in the zone of that name; none that a Timestamp cannot have.
Micros EndOfDay(const std::string& date, const std::string& time_zone);

// `days` after `date`, which is valid.
std::string AddDays(const std::string& date, int days);

// A text that sorts after that day, and before the next one: an end of ranges, also for the last day that there is.
std::string PastDay(const std::string& date);

// From `from` to `to`, both valid; below 0 when `to` is earlier.
std::int64_t DaysBetween(const std::string& from, const std::string& to);

}  // namespace greffe
