#include "tests/model/date_changes.h"

#include <ctime>

#include "tests/model/entry_filters.h"

namespace greffe::model {
namespace {

constexpr std::int64_t kDay = 86400;

std::int64_t SecondsAt(const std::string& day) {
  std::tm date = {};
  date.tm_year = std::stoi(day.substr(0, 4)) - 1900;
  date.tm_mon = std::stoi(day.substr(5, 2)) - 1;
  date.tm_mday = std::stoi(day.substr(8, 2));
  return timegm(&date);
}

}  // namespace

bool IsOpen(const v1::Deliverable& deliverable) {
  return deliverable.state() <= v1::DELIVERABLE_STATE_SUBMITTED ||
         deliverable.state() == v1::DELIVERABLE_STATE_REJECTED;
}

bool IsOpen(const v1::Milestone& milestone) {
  return milestone.state() == v1::MILESTONE_STATE_PLANNED || milestone.state() == v1::MILESTONE_STATE_MISSED;
}

bool IsAccepted(const v1::Deliverable& deliverable) {
  const auto& submissions = deliverable.submissions();
  if (submissions.empty()) return false;
  const v1::AcceptanceOutcome outcome = submissions.rbegin()->acceptance().outcome();
  return outcome == v1::ACCEPTANCE_OUTCOME_ACCEPTED || outcome == v1::ACCEPTANCE_OUTCOME_ACCEPTED_WITH_RESERVATIONS;
}

std::int64_t DaysFrom(const std::string& day, const std::string& later) {
  return (SecondsAt(later) - SecondsAt(day)) / kDay;
}

std::string DayAfter(const std::string& day, std::int64_t days) { return DayAt(SecondsAt(day) + days * kDay); }

bool IsDay(const std::string& date) { return date.empty() || (date.size() == 10 && date != "2026-02-30"); }

void MarkSlips(v1::Deliverable& deliverable) {
  deliverable.clear_slip_marks();
  for (int i = 0; i < deliverable.slips_size(); ++i) {
    const v1::DateChange& slip = deliverable.slips(i);
    if (slip.days() == 0) continue;
    deliverable.add_slip_marks(slip.date() + " " + std::to_string(i + 1) + " " + std::to_string(slip.days()));
  }
}

}  // namespace greffe::model
