// A project's figures day by day, or week by week. Each point is some dozens of look-ups; no history is walked.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/reports.pb.h"
#include "services/call/runtime.h"

namespace greffe {

absl::Status ListStatusSeries(const Runtime& runtime, const v1::ListStatusSeriesRequest& request,
                              v1::ListStatusSeriesResponse* response);

// The days that a request speaks of, in the project's time zone.
struct Days {
  std::string from;
  std::string to;
  std::string time_zone;
};
// `from` "": `default_days` before `to`; `to` "": today. NOT_FOUND (PROJECT_NOT_FOUND); INVALID_ARGUMENT (DATE_INVALID,
// DATE_IN_FUTURE, DATES_OUT_OF_ORDER) naming `from_date` or `to_date`.
absl::StatusOr<Days> DaysOf(const Runtime& runtime, const std::string& project, std::string from, std::string to,
                            int default_days);

}  // namespace greffe
