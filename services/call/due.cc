#include "services/call/due.h"

#include <utility>

#include "storage/base/civil_date.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

// Tokens had no day once, and the position of a list that is ordered by dates begins with one.
constexpr char kDayMark = '@';

}  // namespace

absl::StatusOr<std::string> DayOf(const Runtime& runtime, const std::string& project, const v1::AsOf& as_of) {
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project, as_of));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
  return DayOf(runtime, record, as_of);
}

std::string DayOf(const Runtime& runtime, const v1::Project& project, const v1::AsOf& as_of) {
  Micros moment = runtime.clock.Now();
  if (as_of.has_time()) moment = ToMicros(as_of.time());
  if (as_of.has_sequence() || as_of.has_baseline()) moment = ToMicros(project.update_time());
  return DateAt(moment, project.time_zone());
}

v1::AsOf AtEndOf(const std::string& day, const std::string& time_zone) {
  v1::AsOf as_of;
  *as_of.mutable_time() = ToTimestamp(EndOfDay(day, time_zone));
  return as_of;
}

std::string DayMark(const std::string& day) { return day.empty() ? "" : kDayMark + day; }

absl::StatusOr<std::string> TakeDay(std::string& position) {
  constexpr std::size_t kDayBytes = 10;  // 2026-03-31
  std::string day;
  if (position.starts_with(kDayMark)) day = position.substr(1, kDayBytes);
  if (day.empty() || !ValidateDate(day, "page_token").ok()) {
    return InvalidField("page_token", "PAGE_TOKEN_INVALID", "is of a list that does not go by a day");
  }
  position.erase(0, 1 + kDayBytes);
  return day;
}

void AddComparison(RecordFilter& filter, std::string field, FilterOperator op, std::string value) {
  FilterTerm& term = filter.terms.emplace_back();
  term.field = std::move(field);
  term.op = op;
  term.value = std::move(value);
}

void AddDue(RecordFilter& filter, bool late, int due_within_days, const std::string& today) {
  if (late) {
    AddComparison(filter, "open_due_date", FilterOperator::kNotEqual, "");
  } else {
    AddComparison(filter, "open_due_date", FilterOperator::kGreaterOrEqual, today);
  }
  if (due_within_days < 0) {
    AddComparison(filter, "open_due_date", FilterOperator::kLess, today);
  } else {
    AddComparison(filter, "open_due_date", FilterOperator::kLessOrEqual, AddDays(today, due_within_days));
  }
}

}  // namespace greffe
