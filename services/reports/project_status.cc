#include "services/reports/project_status.h"

#include <utility>
#include <vector>

#include "services/call/due.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/traffic_light.h"

namespace greffe {
namespace {

absl::Status ValidateRange(int value, int max, const char* field) {
  if (value >= 0 && value <= max) return absl::OkStatus();
  return InvalidField(field, "FIELD_INVALID",
                      "'" + std::to_string(value) + "': allowed are 0 to " + std::to_string(max));
}

}  // namespace

absl::Status ValidateStatusQuery(const StatusQuery& query, int max_items) {
  constexpr int kMaxDays = 3650;
  GREFFE_RETURN_IF_ERROR(ValidateRange(query.due_within_days, kMaxDays, "due_within_days"));
  return ValidateRange(query.item_limit, max_items, "item_limit");
}

absl::Status ValidateMoment(const v1::AsOf& as_of, const std::string& date) {
  if (!date.empty() && as_of.moment_case() != v1::AsOf::MOMENT_NOT_SET) {
    return InvalidField("date", "FIELD_INVALID", "'" + date.substr(0, 40) + "': as_of is given, too");
  }
  return ValidateDate(date, "date");
}

absl::StatusOr<v1::ProjectStatus> StatusAt(const Runtime& runtime, const std::string& project, const v1::AsOf& as_of,
                                           const std::string& date, const StatusQuery& query) {
  if (date.empty()) {
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project, as_of));
    GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
    return StatusOf(view, record, DayOf(runtime, record, as_of), query);
  }
  GREFFE_ASSIGN_OR_RETURN(const ProjectView latest, runtime.store.View(project));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project now, latest.GetProject());
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project, AtEndOf(date, now.time_zone())));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project then, view.GetProject());
  return StatusOf(view, then, date, query);
}

absl::StatusOr<v1::ProjectStatus> StatusOf(const ProjectView& view, const v1::Project& project, const std::string& day,
                                           const StatusQuery& query) {
  v1::ProjectStatus status;
  status.set_project(project.name());
  status.set_title(project.title());
  status.set_code(project.code());
  status.set_manager(project.manager());
  status.set_stage(project.stage());
  status.set_sequence(view.sequence());
  status.set_date(day);
  GREFFE_ASSIGN_OR_RETURN(Tallies tallies, view.ReadTallies());
  GREFFE_ASSIGN_OR_RETURN(*status.mutable_figures(), ProjectView::CountFigures(tallies, day, query.due_within_days));
  status.mutable_figures()->set_version_count(project.version_count());
  std::vector<v1::StatusReason> reasons = ReasonsOf(status.figures());
  status.set_light(LightOf(reasons));
  for (v1::StatusReason& reason : reasons) *status.add_reasons() = std::move(reason);
  GREFFE_ASSIGN_OR_RETURN(std::vector<v1::DueItem> late, view.ListDue(tallies, "", day, query.item_limit));
  for (v1::DueItem& item : late) *status.add_late() = std::move(item);
  GREFFE_ASSIGN_OR_RETURN(std::vector<v1::DueItem> soon,
                          view.ListDue(tallies, day, PastDay(AddDays(day, query.due_within_days)), query.item_limit));
  for (v1::DueItem& item : soon) *status.add_due_soon() = std::move(item);
  return status;
}

}  // namespace greffe
