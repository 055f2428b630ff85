// Rules of what reads milestones and deliverables.
#include <map>

#include "tests/model/date_changes.h"
#include "tests/model/record_lists.h"

namespace greffe::model {
namespace {

// The first day of the week or month that the day is in.
std::string PeriodOf(const std::string& day, v1::SlipPeriod period) {
  if (period == v1::SLIP_PERIOD_MONTH) return day.substr(0, 8) + "01";
  const std::int64_t since_monday = DaysFrom("2001-01-01", day) % 7;  // a Monday
  return DayAfter(day, -since_monday);
}

std::string NextPeriod(const std::string& start, v1::SlipPeriod period) {
  constexpr int kMoreThanAMonth = 31;
  return period == v1::SLIP_PERIOD_MONTH ? PeriodOf(DayAfter(start, kMoreThanAMonth), period) : DayAfter(start, 7);
}

Expected GetSlipTrend(const Moment& now, const v1::GetSlipTrendRequest& request, const Made*) {
  std::set<std::string> refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  auto trend = std::make_shared<v1::SlipTrend>();
  std::map<std::string, v1::SlipCount*> periods;
  for (std::string start = PeriodOf(request.from_date(), request.period()); start <= request.to_date();
       start = NextPeriod(start, request.period())) {
    periods[start] = trend->add_periods();
    periods[start]->set_start_date(start);
  }
  for (const auto* deliverable : moment->All<v1::Deliverable>()) {
    std::set<std::string> counted;
    for (const v1::DateChange& slip : deliverable->slips()) {
      if (slip.days() == 0 || slip.date() < request.from_date() || slip.date() > request.to_date()) continue;
      const std::string start = PeriodOf(slip.date(), request.period());
      v1::SlipCount& count = *periods.at(start);
      count.set_slip_count(count.slip_count() + 1);
      if (counted.insert(start).second) count.set_deliverable_count(count.deliverable_count() + 1);
      count.set_days_lost(count.days_lost() + std::max<std::int64_t>(0, slip.days()));
      count.set_days_gained(count.days_gained() + std::max<std::int64_t>(0, -slip.days()));
    }
  }
  trend->set_sequence(moment->sequence());
  Expected expected;
  expected.answer = std::move(trend);
  return expected;
}

}  // namespace

void AddPlanReadRules(Rules& rules) {
  rules.Add<v1::GetMilestoneRequest>(GetRecord<v1::Milestone, v1::GetMilestoneRequest>);
  rules.Add<v1::ListMilestonesRequest>(
      ListRecords<v1::Milestone, v1::ListMilestonesResponse, v1::ListMilestonesRequest>);
  rules.Add<v1::GetDeliverableRequest>(GetRecord<v1::Deliverable, v1::GetDeliverableRequest>);
  rules.Add<v1::ListDeliverablesRequest>(
      ListRecords<v1::Deliverable, v1::ListDeliverablesResponse, v1::ListDeliverablesRequest>);
  rules.Add<v1::GetSlipTrendRequest>(GetSlipTrend);
}

}  // namespace greffe::model
