// What the commands about deliverables and milestones share, with those about registers in part: lists of what is due,
// steps on the way, and fields that are given.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/record_commands.h"
#include "clients/cli/text.h"
#include "google/protobuf/field_mask.pb.h"

namespace greffe::cli {

// Options of lists of what is due.
struct DueOptions {
  std::string filter;
  std::string order_by;
  std::string state;
  bool late = false;
  int due_within = -1;
  std::int64_t limit = 0;
  std::string as_of;
};
void AddDueOptions(CLI::App* command, DueOptions& options);

// One comparison with a text; "" for an empty value.
std::string Comparison(const std::string& field, const std::string& value);

// A request for the first page of what the options ask for; `comparisons` are added to the filter, empty ones are left
// out.
template <typename Request>
absl::StatusOr<Request> DueRequest(Session& session, const DueOptions& options,
                                   const std::vector<std::string>& comparisons) {
  Request request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  std::string filter = options.filter;
  const auto add = [&filter](const std::string& part) {
    if (!part.empty()) filter += (filter.empty() ? "" : " AND ") + part;
  };
  if (!options.state.empty()) add("state = " + options.state);
  for (const std::string& comparison : comparisons) add(comparison);
  request.set_filter(filter);
  request.set_order_by(options.order_by);
  request.set_late(options.late);
  if (options.due_within >= 0) request.set_due_within_days(options.due_within);
  request.set_page_size(options.limit > 0 && options.limit < 1000 ? static_cast<int>(options.limit) : 1000);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  return request;
}

// "-" for what is empty, so that columns stay readable.
std::string OrDash(const std::string& text);

// "+12" or "-3"; "" for 0.
std::string DaysText(std::int64_t days);

// A change of a date in one line: "2026-03-01  forecast 2026-03-31 -> 2026-04-10 (+10) by ada: supplier is late".
std::string SlipText(const v1::DateChange& slip);

// The dates of a record that is planned, and how they slipped.
template <typename Record>
void AddPlannedDates(Sheet& sheet, const Record& record) {
  sheet.Add("Planned", record.planned_date());
  sheet.Add("Forecast", record.forecast_date());
  sheet.Add("Actual", record.actual_date());
  sheet.Add("Slipped", record.slip_days() == 0 ? "" : std::to_string(record.slip_days()) + " days");
  for (const v1::DateChange& slip : record.slips()) sheet.Add("Slip", SlipText(slip));
}

// One line about a record after a step of its, or its JSON; the status of a call that failed.
template <typename Record>
absl::Status PrintStep(Session& session, const std::string& done, const absl::StatusOr<Record>& record) {
  if (!record.ok()) return record.status();
  if (session.json()) {
    session.PrintJson(*record);
    return absl::OkStatus();
  }
  session.out() << done << "  " << IdOf(record->name()) << "  " << EnumText(record->state());
  if (!record->open_due_date().empty()) session.out() << "  due " << record->open_due_date();
  session.out() << "  " << Printable(record->title()) << "\n";
  return absl::OkStatus();
}

// A command `NAME ID` that takes a record a step further.
struct Step {
  std::string name;
  std::string help;
  std::string done;                                   // what its line says
  std::string message_help = "Why, for the history";  // "": it takes none
  bool message_required = false;
  std::string date_option = {};  // "": it takes none
  std::string date_help = {};
  bool date_required = false;
};
struct StepOptions {
  std::string id;
  std::string date;
  std::string message;
};
// `fill` puts date and message into the request.
template <typename Request, typename Record, typename Fill>
void AddStep(Program& program, CLI::App* group, const std::string& collection, const Step& step,
             absl::StatusOr<Record> (client::Client::*call)(Request), Fill fill) {
  Session& session = program.session;
  CLI::App* const command = group->add_subcommand(step.name, step.help + "; JSON: " + Record::descriptor()->name());
  const auto options = std::make_shared<StepOptions>();
  command->add_option("ID", options->id, "Its id")->required();
  if (!step.date_option.empty()) {
    command->add_option(step.date_option, options->date, step.date_help)->required(step.date_required);
  }
  if (!step.message_help.empty()) {
    command->add_option("-m,--message", options->message, step.message_help)->required(step.message_required);
  }
  OnCall(program, command, [&session, options, collection, done = step.done, call, fill]() -> absl::Status {
    Request request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, collection, options->id));
    fill(request, *options);
    return PrintStep(session, done, (session.client().*call)(request));
  });
}
template <typename Request>
void FillComment(Request& request, const StepOptions& options) {
  request.set_comment(options.message);
}

// The commands `plan` and `forecast`.
template <typename PlanRequest, typename ForecastRequest, typename Record>
void AddPlanAndForecast(Program& program, CLI::App* group, const std::string& collection,
                        absl::StatusOr<Record> (client::Client::*plan)(PlanRequest),
                        absl::StatusOr<Record> (client::Client::*forecast)(ForecastRequest)) {
  Step step{"plan", "Agree on another planned date", "planned"};
  step.date_option = "DATE";
  step.date_help = "Such as 2026-03-31";
  step.date_required = true;
  AddStep(program, group, collection, step, plan, [](PlanRequest& request, const StepOptions& options) {
    request.set_planned_date(options.date);
    request.set_reason(options.message);
  });
  step = {"forecast", "Say when it is expected now", "forecast"};
  step.date_option = "DATE";
  step.date_help = "Such as 2026-04-10; left out: as planned";
  AddStep(program, group, collection, step, forecast, [](ForecastRequest& request, const StepOptions& options) {
    request.set_forecast_date(options.date);
    request.set_reason(options.message);
  });
}

// Which fields the options of a command give, as a mask.
class GivenFields {
 public:
  explicit GivenFields(const CLI::App& command) : command_(command) {}
  // Whether the command has this option and it was given; then `field` is in the mask.
  bool Has(const std::string& option, const char* field) {
    const CLI::Option* const found = command_.get_option_no_throw(option);
    if (found == nullptr || found->count() == 0) return false;
    mask_.add_paths(field);
    return true;
  }
  // INVALID_ARGUMENT (NOTHING_GIVEN) when it is empty.
  absl::StatusOr<google::protobuf::FieldMask> Mask() const;

 private:
  const CLI::App& command_;
  google::protobuf::FieldMask mask_;
};

}  // namespace greffe::cli
