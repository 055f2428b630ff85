// greffe status, portfolio, report: how projects stand, and what changed.
#include <memory>

#include "absl/time/civil_time.h"
#include "clients/cli/commands.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/moment.h"
#include "clients/cli/print_text.h"
#include "clients/cli/status_print.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct StatusOptions {
  std::string as_of;
  std::string series;
  std::string from;
  std::string to;
  std::string language;
  std::string light;
  int due_within = -1;
  int items = -1;
};

CLI::Option* AddDueWithin(CLI::App* command, StatusOptions& options) {
  return command
      ->add_option("--due-within", options.due_within, "What is due within so many days is due soon; default: 14")
      ->check(CLI::Range(0, 3650));
}

absl::Status Series(Session& session, const StatusOptions& options) {
  v1::ListStatusSeriesRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_from_date(options.from);
  request.set_to_date(options.to);
  request.set_period(options.series == "day" ? v1::STATUS_PERIOD_DAY : v1::STATUS_PERIOD_WEEK);
  if (options.due_within >= 0) request.set_due_within_days(options.due_within);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListStatusSeriesResponse series, session.client().ListStatusSeries(request));
  Table table = SeriesTable();
  for (const v1::StatusPoint& point : series.points()) {
    if (session.json()) {
      session.PrintJson(point);
    } else {
      table.Add(SeriesRow(point));
    }
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

absl::Status ShowStanding(Session& session, const StatusOptions& options) {
  v1::GetProjectStatusRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), session.Parent());
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  if (options.due_within >= 0) request.set_due_within_days(options.due_within);
  if (options.items >= 0) request.set_item_limit(options.items);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ProjectStatus status, session.client().GetProjectStatus(request));
  if (session.json()) {
    session.PrintJson(status);
  } else {
    PrintStatus(session, status);
  }
  return absl::OkStatus();
}

absl::Status Portfolio(Session& session, const StatusOptions& options) {
  v1::ListPortfolioRequest request;
  request.set_page_size(200);
  absl::CivilDay day;
  if (absl::ParseCivilTime(options.as_of, &day)) {
    request.set_date(options.as_of);
  } else if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(
        *request.mutable_as_of(),
        ParseMoment(options.as_of, []() -> absl::StatusOr<absl::TimeZone> { return absl::LocalTimeZone(); }));
  }
  if (options.due_within >= 0) request.set_due_within_days(options.due_within);
  if (options.items >= 0) request.set_item_limit(options.items);
  v1::TrafficLight light = v1::TRAFFIC_LIGHT_UNSPECIFIED;
  if (options.light == "red") light = v1::TRAFFIC_LIGHT_RED;
  if (options.light == "amber") light = v1::TRAFFIC_LIGHT_AMBER;
  if (options.light == "green") light = v1::TRAFFIC_LIGHT_GREEN;
  Table table = PortfolioTable();
  std::vector<absl::Status> damaged;  // an error for each such project
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListPortfolioResponse page, session.client().ListPortfolio(request));
    for (const v1::ProjectStatus& status : page.projects()) {
      if (light != v1::TRAFFIC_LIGHT_UNSPECIFIED && status.light() != light) continue;
      if (session.json()) {
        session.PrintJson(status);
      } else {
        table.Add(PortfolioRow(status));
      }
    }
    for (const std::string& project : page.damaged_projects()) {
      damaged.push_back(client::MakeError(absl::StatusCode::kDataLoss, "PROJECT_DAMAGED",
                                          IdOf(project) + ": its data are damaged, nothing can be said of it",
                                          {{"project", project}}));
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  if (damaged.empty()) return absl::OkStatus();
  for (std::size_t i = 0; i + 1 < damaged.size(); ++i) PrintError(session, damaged[i]);
  return damaged.back();
}

absl::Status Report(Session& session, const StatusOptions& options) {
  v1::GetProgressReportRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), session.Parent());
  request.set_from_date(options.from);
  request.set_to_date(options.to);
  request.set_language(options.language);
  if (options.due_within >= 0) request.set_due_within_days(options.due_within);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ProgressReport report, session.client().GetProgressReport(request));
  if (session.json()) {
    session.PrintJson(report);
  } else {
    PrintText(session, report.markdown());
  }
  return absl::OkStatus();
}

void AddStatus(Program& program) {
  Session& session = program.session;
  CLI::App* const command =
      program.app.add_subcommand("status", "Tell how the project stands: traffic light, figures, what is late or due");
  const auto options = std::make_shared<StatusOptions>();
  command->footer("JSON: ProjectStatus; with --series: a StatusPoint a line.");
  CLI::Option* const as_of = AddAsOf(command, options->as_of);
  AddDueWithin(command, *options);
  command->add_option("--items", options->items, "At most so many late and so many due ones; default: 10")
      ->check(CLI::Range(0, 100));
  CLI::Option* const series =
      command->add_option("--series", options->series, "How it stood over time: at the end of each day, or week")
          ->check(CLI::IsMember({"day", "week"}))
          ->excludes(as_of);
  command->add_option("--from", options->from, "With --series: first day; default: 12 weeks before the last")
      ->needs(series);
  command->add_option("--to", options->to, "With --series: last day; default: today")->needs(series);
  OnCall(program, command, [&session, options] {
    return options->series.empty() ? ShowStanding(session, *options) : Series(session, *options);
  });
}

void AddPortfolio(Program& program) {
  Session& session = program.session;
  CLI::App* const command =
      program.app.add_subcommand("portfolio", "Tell how all projects stand, with their traffic lights");
  const auto options = std::make_shared<StatusOptions>();
  command->footer(
      "JSON: a ProjectStatus a line. A project whose data are damaged is an error (PROJECT_DAMAGED) beside the others; "
      "the exit\n"
      "code is 1 then.");
  AddAsOf(command, options->as_of)
      ->description(
          "As it was at the end of a day (2026-03-31) in each project's time zone, or at a time (2026-03-31T12:00, "
          "RFC 3339), without an offset in the time zone of this machine");
  AddDueWithin(command, *options);
  command->add_option("--items", options->items, "With --output json: so many late and due ones a project; default: 0")
      ->check(CLI::Range(0, 5));
  command->add_option("--light", options->light, "Only projects with this light")
      ->check(CLI::IsMember({"red", "amber", "green"}));
  OnCall(program, command, [&session, options] { return Portfolio(session, *options); });
}

void AddReport(Program& program) {
  Session& session = program.session;
  CLI::App* const command =
      program.app.add_subcommand("report", "Write a progress report, in Markdown, from what changed between two days");
  const auto options = std::make_shared<StatusOptions>();
  command->footer("JSON: ProgressReport.");
  command->add_option("--from", options->from, "First day, such as 2026-03-01; default: 6 days before the last one");
  command->add_option("--to", options->to, "Last day; default: today");
  command->add_option("--language", options->language, "Language: en or fr; default: en")
      ->check(CLI::IsMember({"en", "fr"}));
  AddDueWithin(command, *options);
  OnCall(program, command, [&session, options] { return Report(session, *options); });
}

}  // namespace

void AddStatusCommands(Program& program) {
  AddStatus(program);
  AddPortfolio(program);
  AddReport(program);
}

}  // namespace greffe::cli
