#include "storage/base/slip_trend.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr char kAMonday[] = "0001-01-01";
constexpr int kMaxDays = 3660;

std::string NextPeriod(const std::string& start, v1::SlipPeriod period) {
  return StartOfPeriod(AddDays(start, period == v1::SLIP_PERIOD_MONTH ? 31 : 7), period);
}

}  // namespace

std::string StartOfPeriod(const std::string& date, v1::SlipPeriod period) {
  if (period == v1::SLIP_PERIOD_MONTH) return date.substr(0, 8) + "01";
  return AddDays(date, -static_cast<int>(DaysBetween(kAMonday, date) % 7));
}

absl::StatusOr<SlipTrendCounter> SlipTrendCounter::Make(const std::string& from, const std::string& to,
                                                        v1::SlipPeriod period) {
  GREFFE_RETURN_IF_ERROR(ValidateDate(from, "from_date"));
  GREFFE_RETURN_IF_ERROR(ValidateDate(to, "to_date"));
  if (!v1::SlipPeriod_IsValid(period)) {
    return InvalidField("period", "FIELD_INVALID", "'" + std::to_string(period) + "': there is no such period");
  }
  if (to < from) {
    return InvalidField("to_date", "DATES_OUT_OF_ORDER", "'" + to + "': is before the first day, " + from);
  }
  if (DaysBetween(from, to) > kMaxDays) {
    return InvalidField("to_date", "RANGE_TOO_LARGE",
                        "'" + to + "': more than " + std::to_string(kMaxDays) + " days after " + from);
  }
  SlipTrendCounter counter;
  for (std::string start = StartOfPeriod(from, period); start <= to;) {
    counter.trend_.add_periods()->set_start_date(start);
    std::string next = NextPeriod(start, period);
    if (next == start) break;  // the year 9999 ends in it
    start = std::move(next);
  }
  return counter;
}

void SlipTrendCounter::Count(std::string_view mark, std::string_view deliverable) {
  const std::string_view date = mark.substr(0, mark.find(' '));
  while (current_ + 1 < trend_.periods_size() && trend_.periods(current_ + 1).start_date() <= date) {
    ++current_;
    seen_.clear();
  }
  std::int64_t days = 0;
  if (!absl::SimpleAtoi(std::string(mark.substr(mark.rfind(' ') + 1)), &days)) return;
  v1::SlipCount& count = *trend_.mutable_periods(current_);
  count.set_slip_count(count.slip_count() + 1);
  if (days > 0) count.set_days_lost(count.days_lost() + days);
  if (days < 0) count.set_days_gained(count.days_gained() - days);
  if (seen_.find(deliverable) != seen_.end()) return;
  seen_.emplace(deliverable);
  count.set_deliverable_count(static_cast<std::int64_t>(seen_.size()));
}

v1::SlipTrend SlipTrendCounter::Finish() { return std::move(trend_); }

}  // namespace greffe
