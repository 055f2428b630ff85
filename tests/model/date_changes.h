// The dates of what is due, as the contract promises it (dates.proto, and the fields of deliverables and milestones):
// how they move, and what that leaves in the record.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "greffe/v1/dates.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/milestones.pb.h"

namespace greffe::model {

// Whether what it says may change: neither accepted nor archived, neither achieved nor cancelled.
bool IsOpen(const v1::Deliverable& deliverable);
bool IsOpen(const v1::Milestone& milestone);
// Whether it was accepted, whatever has become of it since.
bool IsAccepted(const v1::Deliverable& deliverable);

std::int64_t DaysFrom(const std::string& day, const std::string& later);
std::string DayAfter(const std::string& day, std::int64_t days);
// Whether a request may give the date; of those that are asked about here.
bool IsDay(const std::string& date);

template <typename Record>
const std::string& DueOf(const Record& record) {
  return record.forecast_date().empty() ? record.planned_date() : record.forecast_date();
}

// What is due; after a forecast that was taken back what was due before.
template <typename Record>
std::string LastDueOf(const Record& record) {
  const std::string& due = DueOf(record);
  return due.empty() && !record.slips().empty() ? record.slips().rbegin()->from() : due;
}

// Sets the date. `by` says who changes it, when and why; it is kept where another date was there.
template <typename Record>
void MoveDate(Record& record, v1::DateKind kind, const std::string& to, v1::DateChange by) {
  const std::string due = LastDueOf(record);
  const bool again = kind == v1::DATE_KIND_PLANNED && !record.planned_date().empty();
  by.set_kind(kind);
  by.set_from(again ? record.planned_date() : due);
  by.set_to(to);
  if (kind == v1::DATE_KIND_PLANNED) {
    record.set_planned_date(to);
    record.clear_forecast_date();
  } else if (kind == v1::DATE_KIND_FORECAST) {
    record.set_forecast_date(to);
  } else {
    record.set_actual_date(to);
  }
  const std::string now = kind == v1::DATE_KIND_ACTUAL ? to : DueOf(record);
  by.set_days(due.empty() || now.empty() ? 0 : DaysFrom(due, now));
  const bool says_more = by.days() != 0 || now.empty() || again;
  if (!by.from().empty() && says_more) *record.add_slips() = std::move(by);
}

// Fills in what the dates alone give. `open`: it is still to come.
template <typename Record>
void ComputeDates(Record& record, bool open) {
  record.set_current_due_date(DueOf(record));
  record.set_open_due_date(open ? record.current_due_date() : "");
  const std::string first = record.slips().empty() ? LastDueOf(record) : record.slips(0).from();
  const std::string last = record.actual_date().empty() ? LastDueOf(record) : record.actual_date();
  record.set_slip_days(first.empty() ? 0 : std::max<std::int64_t>(0, DaysFrom(first, last)));
}

// Fills in slip_marks.
void MarkSlips(v1::Deliverable& deliverable);

}  // namespace greffe::model
