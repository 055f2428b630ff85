// The dates of what is due (deliverables, milestones): how they move, and what that leaves in the record. Functions of
// the messages alone; both kinds have the same fields.
#pragma once

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "greffe/v1/dates.pb.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/record_bytes.h"

namespace greffe {

inline constexpr int kMaxSlips = 1000;

// The forecast where there is one, else the plan.
template <typename Record>
const std::string& DueDate(const Record& record) {
  return record.forecast_date().empty() ? record.planned_date() : record.forecast_date();
}

// ValidateDate for a date that must be given.
inline absl::Status RequireDate(const std::string& date, const std::string& field) {
  if (!date.empty()) return ValidateDate(date, field);
  return InvalidField(field, "DATE_INVALID", "'': expected a date such as 2026-03-31");
}

// What was due when the last forecast was taken back; "" when none ever was. A plan stays once it is there.
template <typename Record>
std::string LastDueDate(const Record& record) {
  const auto taken = std::find_if(record.slips().rbegin(), record.slips().rend(),
                                  [](const v1::DateChange& change) { return change.to().empty(); });
  return taken == record.slips().rend() ? std::string() : taken->from();
}

// Sets a date, valid or "", and keeps the change when another one was there. `by` has date, time, principal and reason.
// A new plan takes back the forecast; the first one, where only a forecast was, moves what is due from there. Where
// nothing is due any more, the next date counts from what was.
// FAILED_PRECONDITION (TOO_MANY_SLIPS, RECORD_FULL) for all but the actual date, which closes the record: it comes
// once, and has room in what CheckRoomToRepeat leaves.
template <typename Record>
absl::Status MoveDate(Record& record, v1::DateKind kind, const std::string& to, v1::DateChange by) {
  const std::string due = DueDate(record).empty() ? LastDueDate(record) : DueDate(record);
  const bool first_plan = record.planned_date().empty();
  std::string from = due;
  if (kind == v1::DATE_KIND_PLANNED) {
    if (record.planned_date() == to) return absl::OkStatus();
    if (!record.planned_date().empty()) from = record.planned_date();
    record.set_planned_date(to);
    record.clear_forecast_date();
  } else if (kind == v1::DATE_KIND_FORECAST) {
    if (record.forecast_date() == to) return absl::OkStatus();
    record.set_forecast_date(to);
  } else {
    record.set_actual_date(to);
  }
  const std::string& now_due = kind == v1::DATE_KIND_ACTUAL ? to : DueDate(record);
  const bool known = !due.empty() && !now_due.empty();
  const std::int64_t days = known ? DaysBetween(due, now_due) : 0;
  // A date that is set for the first time, or says what another one said, is no slip.
  const bool kept = days != 0 || now_due.empty() || (kind == v1::DATE_KIND_PLANNED && !first_plan);
  if (from.empty() || !kept) return absl::OkStatus();
  if (kind != v1::DATE_KIND_ACTUAL && record.slips_size() >= kMaxSlips) {
    return Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_SLIPS",
                 absl::StrCat("'", record.name(), "': its dates changed ", kMaxSlips, " times; no more are kept"),
                 {{"resource", record.name()}});
  }
  if (kind != v1::DATE_KIND_ACTUAL) GREFFE_RETURN_IF_ERROR(CheckRoomToRepeat(record));
  by.set_kind(kind);
  by.set_from(from);
  by.set_to(to);
  by.set_days(days);
  *record.add_slips() = std::move(by);
  return absl::OkStatus();
}

// Fills what the dates alone give. `open`: it is still to come.
template <typename Record>
void ComputeDueDates(Record& record, bool open) {
  record.set_current_due_date(DueDate(record));
  record.set_open_due_date(open ? record.current_due_date() : std::string());
  std::int64_t days = 0;
  for (const v1::DateChange& slip : record.slips()) days += slip.days();
  record.set_slip_days(std::max<std::int64_t>(days, 0));
}

// FAILED_PRECONDITION (DATES_OUT_OF_ORDER) when both dates are known and what must come first is planned later.
inline absl::Status CheckPlannedOrder(const std::string& first, const std::string& first_date, const std::string& then,
                                      const std::string& then_date) {
  if (first_date.empty() || then_date.empty() || first_date <= then_date) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "DATES_OUT_OF_ORDER",
               "'" + first + "' would be planned for " + first_date + ", after '" + then +
                   "', which waits for it and is planned for " + then_date,
               {{"first", first}, {"first_date", first_date}, {"then", then}, {"then_date", then_date}});
}

}  // namespace greffe
