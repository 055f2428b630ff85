#include "services/reports/status_series.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/call/due.h"
#include "services/reports/project_status.h"
#include "storage/base/civil_date.h"
#include "storage/base/page_bytes.h"
#include "storage/base/slip_trend.h"

namespace greffe {
namespace {

constexpr int kSeriesDays = 84;
constexpr std::size_t kMaxPoints = 400;

absl::StatusOr<std::vector<std::string>> PointsOf(const Days& days, v1::StatusPeriod period) {
  if (!v1::StatusPeriod_IsValid(period)) {
    return InvalidField("period", "FIELD_INVALID", "'" + std::to_string(period) + "': there is no such period");
  }
  const bool daily = period == v1::STATUS_PERIOD_DAY;
  const int step = daily ? 1 : 7;
  std::vector<std::string> points;
  // Weeks end with their Sunday.
  std::string point = daily ? days.from : AddDays(StartOfPeriod(days.from, v1::SLIP_PERIOD_WEEK), 6);
  for (; point < days.to && points.size() < kMaxPoints; point = AddDays(point, step)) points.push_back(point);
  points.push_back(days.to);
  if (points.size() > kMaxPoints) {
    return InvalidField("from_date", "RANGE_TOO_LARGE",
                        "'" + days.from + "': more than " + std::to_string(kMaxPoints) + " points before " + days.to);
  }
  return points;
}

}  // namespace

absl::StatusOr<Days> DaysOf(const Runtime& runtime, const std::string& project, std::string from, std::string to,
                            int default_days) {
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
  const std::string today = DayOf(runtime, record, {});
  GREFFE_RETURN_IF_ERROR(ValidateDate(from, "from_date"));
  GREFFE_RETURN_IF_ERROR(ValidateDate(to, "to_date"));
  if (to.empty()) to = today;
  if (from.empty()) from = AddDays(to, -default_days);
  if (to > today) {
    return InvalidField("to_date", "DATE_IN_FUTURE", "'" + to + "': is after today, " + today);
  }
  if (to < from) {
    return InvalidField("to_date", "DATES_OUT_OF_ORDER", "'" + to + "': is before the first day, " + from);
  }
  return Days{std::move(from), std::move(to), record.time_zone()};
}

absl::Status ListStatusSeries(const Runtime& runtime, const v1::ListStatusSeriesRequest& request,
                              v1::ListStatusSeriesResponse* response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  StatusQuery query;
  query.item_limit = 0;
  if (request.has_due_within_days()) query.due_within_days = request.due_within_days();
  GREFFE_RETURN_IF_ERROR(ValidateStatusQuery(query, 0));
  GREFFE_ASSIGN_OR_RETURN(const Days days,
                          DaysOf(runtime, project, request.from_date(), request.to_date(), kSeriesDays));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> points, PointsOf(days, request.period()));
  std::size_t bytes = 0;
  for (const std::string& day : points) {
    const absl::StatusOr<ProjectView> view = runtime.store.View(project, AtEndOf(day, days.time_zone));
    if (absl::IsNotFound(view.status())) continue;  // there was no project yet
    GREFFE_RETURN_IF_ERROR(view.status());
    GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view->GetProject());
    GREFFE_ASSIGN_OR_RETURN(v1::ProjectStatus status, StatusOf(*view, record, day, query));
    v1::StatusPoint& point = *response->add_points();
    point.set_date(day);
    point.set_sequence(status.sequence());
    point.set_light(status.light());
    point.mutable_figures()->Swap(status.mutable_figures());
    bytes += point.ByteSizeLong();
    if (bytes > kPageBytes) {
      return InvalidField("from_date", "RANGE_TOO_LARGE",
                          "'" + days.from + "': an answer has room for " + std::to_string(response->points_size() - 1) +
                              " of these " + std::to_string(points.size()) + " points");
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe
