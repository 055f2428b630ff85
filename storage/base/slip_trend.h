// How often, and by how much, dates slipped, week by week or month by month. Functions of values alone.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/deliverables.pb.h"

namespace greffe {

// The first day of the week or month that `date`, which is valid, is in.
std::string StartOfPeriod(const std::string& date, v1::SlipPeriod period);

// Counts marks (Deliverable.slip_marks), which come in their order.
class SlipTrendCounter {
 public:
  // All periods from that of `from` to that of `to`, without a slip yet. INVALID_ARGUMENT (DATE_INVALID,
  // DATES_OUT_OF_ORDER, RANGE_TOO_LARGE) naming `from_date` or `to_date`.
  static absl::StatusOr<SlipTrendCounter> Make(const std::string& from, const std::string& to, v1::SlipPeriod period);

  void Count(std::string_view mark, std::string_view deliverable);
  v1::SlipTrend Finish();

 private:
  SlipTrendCounter() = default;

  v1::SlipTrend trend_;
  int current_ = 0;
  std::set<std::string, std::less<>> seen_;  // deliverables of the current period
};

}  // namespace greffe
