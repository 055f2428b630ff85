// greffe milestone: create, update, ls, show, plan, forecast, achieve, miss, cancel.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/planning.h"
#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

constexpr char kCollection[] = "milestones";
constexpr char kIdHelp[] = "Id of a milestone";

// What create and update have in common.
struct Fields {
  std::string id;
  std::string title;
  std::string description;
  std::string owner;
  std::string stage;
  std::string next_stage;
  std::vector<std::string> gates;
  std::string planned;
  std::string etag;
};

void AddFields(CLI::App* command, Fields& fields) {
  command->add_option("--description", fields.description, "More of it");
  command->add_option("--owner", fields.owner, "Principal id of who answers for it");
  command->add_option("--stage", fields.stage, "Stage that it belongs to");
  command->add_option("--next-stage", fields.next_stage, "Stage that the project enters when it is achieved");
  AddList(command, "--gate", fields.gates,
          "Deliverable (DLV-0001) or milestone (milestones/MST-0001) that it waits for; may be given several times");
}

// `DLV-0001`, `milestones/MST-0001` or a whole name.
absl::StatusOr<std::string> GateNamed(Session& session, const std::string& text) {
  const std::string prefix = std::string(kCollection) + "/";
  if (text.starts_with(prefix)) return RecordNameOf(session, kCollection, text.substr(prefix.size()));
  return RecordNameOf(session, "deliverables", text);
}

// What the options say; `given` receives the mask paths of what they set.
absl::StatusOr<v1::Milestone> Described(Session& session, const CLI::App& command, const Fields& fields,
                                        google::protobuf::FieldMask& given) {
  v1::Milestone milestone;
  const auto set = [&](const char* option, const char* path) {
    if (command.count(option) == 0) return false;
    given.add_paths(path);
    return true;
  };
  if (!fields.title.empty()) {
    milestone.set_title(fields.title);
    given.add_paths("title");
  }
  if (set("--description", "description")) milestone.set_description(fields.description);
  if (set("--owner", "responsible")) milestone.set_responsible(fields.owner);
  if (set("--stage", "stage")) milestone.set_stage(fields.stage);
  if (set("--next-stage", "next_stage")) milestone.set_next_stage(fields.next_stage);
  if (set("--gate", "gates")) {
    for (const std::string& gate : fields.gates) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*milestone.add_gates(), GateNamed(session, gate));
    }
  }
  return milestone;
}

absl::Status PrintMilestone(Session& session, const std::string& what, const absl::StatusOr<v1::Milestone>& milestone) {
  if (!milestone.ok()) return milestone.status();
  if (session.json()) {
    session.PrintJson(*milestone);
    return absl::OkStatus();
  }
  session.out() << what << "  " << IdOf(milestone->name()) << "  " << EnumText(milestone->state());
  if (!milestone->open_due_date().empty()) session.out() << "  due " << milestone->open_due_date();
  session.out() << "  " << Printable(milestone->title()) << "\n";
  return absl::OkStatus();
}

void Show(Session& session, const v1::Milestone& milestone) {
  if (session.json()) {
    session.PrintJson(milestone);
    return;
  }
  Sheet sheet;
  sheet.Add("Milestone", IdOf(milestone.name()));
  sheet.Add("Title", milestone.title());
  sheet.Add("State", EnumText(milestone.state()));
  sheet.Add("Description", milestone.description());
  sheet.Add("Owner", milestone.responsible());
  sheet.Add("Stage", milestone.stage());
  sheet.Add("Opens stage", milestone.next_stage());
  for (const std::string& gate : milestone.gates()) sheet.Add("Waits for", IdOf(gate));
  sheet.Add("Planned", milestone.planned_date());
  sheet.Add("Forecast", milestone.forecast_date());
  sheet.Add("Actual", milestone.actual_date());
  sheet.Add("Slipped", milestone.slip_days() == 0 ? "" : std::to_string(milestone.slip_days()) + " days");
  for (const v1::DateChange& slip : milestone.slips()) sheet.Add("Slip", SlipText(slip));
  sheet.Add("Outcome", milestone.outcome());
  sheet.Add("Updated", LongTime(milestone.update_time()));
  sheet.Add("Etag", milestone.etag());
  sheet.Print(session);
}

void AddCreateAndUpdate(Program& program, CLI::App* group) {
  Session& session = program.session;
  CLI::App* const create = group->add_subcommand("create", "Create a milestone; JSON: Milestone");
  const auto made = std::make_shared<Fields>();
  create->add_option("TITLE", made->title, "Name shown to people")->required();
  create->add_option("--id", made->id, "Its id; default: the next one, MST-0001 and so on");
  create->add_option("--planned", made->planned, "Planned date, such as 2026-03-31");
  AddFields(create, *made);
  OnCall(program, create, [&session, create, made]() -> absl::Status {
    v1::CreateMilestoneRequest request;
    google::protobuf::FieldMask given;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_milestone(), Described(session, *create, *made, given));
    request.mutable_milestone()->set_planned_date(made->planned);
    request.set_milestone_id(made->id);
    return PrintMilestone(session, "created", session.client().CreateMilestone(request));
  });

  CLI::App* const update = group->add_subcommand("update", "Change the fields that are given; JSON: Milestone");
  const auto changed = std::make_shared<Fields>();
  update->add_option("ID", changed->id, kIdHelp)->required();
  update->add_option("--title", changed->title, "Name shown to people");
  AddFields(update, *changed);
  update->add_option("--etag", changed->etag, "Only if this is its etag");
  OnCall(program, update, [&session, update, changed]() -> absl::Status {
    v1::UpdateMilestoneRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_milestone(),
                                   Described(session, *update, *changed, *request.mutable_update_mask()));
    if (request.update_mask().paths().empty()) {
      return client::MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_GIVEN", "no field to change is given");
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_milestone()->mutable_name(),
                                   RecordNameOf(session, kCollection, changed->id));
    request.mutable_milestone()->set_etag(changed->etag);
    return PrintMilestone(session, "updated", session.client().UpdateMilestone(request));
  });
}

void AddListAndShow(Program& program, CLI::App* group) {
  struct Options {
    DueOptions due;
    std::string owner;
    std::string stage;
  };
  Session& session = program.session;
  CLI::App* const list = group->add_subcommand("ls", "List milestones; JSON: one Milestone a line");
  const auto options = std::make_shared<Options>();
  AddDueOptions(list, options->due);
  list->add_option("--owner", options->owner, "Only those of this principal id");
  list->add_option("--stage", options->stage, "Only those of this stage");
  OnCall(program, list, [&session, options]() -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(
        auto request,
        DueRequest<v1::ListMilestonesRequest>(
            session, options->due, {Comparison("responsible", options->owner), Comparison("stage", options->stage)}));
    return PrintList(
        session, request, options->due.limit,
        Table({"MILESTONE", "STATE", "DUE", "PLANNED", "SLIP", "STAGE", "GATES", "OWNER", "TITLE"}),
        [&session](const auto& page) { return session.client().ListMilestones(page); },
        [](const auto& page) -> const auto& { return page.milestones(); },
        [](const v1::Milestone& milestone) -> std::vector<std::string> {
          return {IdOf(milestone.name()),
                  EnumText(milestone.state()),
                  OrDash(milestone.current_due_date()),
                  OrDash(milestone.planned_date()),
                  OrDash(DaysText(milestone.slip_days())),
                  OrDash(milestone.stage()),
                  std::to_string(milestone.gates_size()),
                  OrDash(milestone.responsible()),
                  milestone.title()};
        });
  });

  CLI::App* const show = group->add_subcommand("show", "Show a milestone with its history; JSON: Milestone");
  const auto shown = std::make_shared<std::pair<std::string, std::string>>();
  show->add_option("ID", shown->first, kIdHelp)->required();
  AddAsOf(show, shown->second);
  OnCall(program, show, [&session, shown]() -> absl::Status {
    v1::GetMilestoneRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kCollection, shown->first));
    if (!shown->second.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, shown->second));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Milestone milestone, session.client().GetMilestone(request));
    Show(session, milestone);
    return absl::OkStatus();
  });
}

// A command `NAME ID` with a reason, and where `date_help` is given a date; `fill` puts them into the request.
template <typename Request, typename Fill>
CLI::App* AddStep(Program& program, CLI::App* group, const std::string& name, const std::string& help,
                  const std::string& done, bool reason_required,
                  absl::StatusOr<v1::Milestone> (client::Client::*call)(Request), const char* date_option,
                  const char* date_help, Fill fill) {
  struct Options {
    std::string id;
    std::string date;
    std::string reason;
  };
  Session& session = program.session;
  CLI::App* const command = group->add_subcommand(name, help + "; JSON: Milestone");
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->id, kIdHelp)->required();
  if (date_option != nullptr) command->add_option(date_option, options->date, date_help);
  CLI::Option* const message = command->add_option("-m,--message", options->reason, "Why, for the history");
  if (reason_required) message->required();
  OnCall(program, command, [&session, options, done, call, fill]() -> absl::Status {
    Request request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kCollection, options->id));
    fill(request, options->date, options->reason);
    return PrintMilestone(session, done, (session.client().*call)(request));
  });
  return command;
}

void AddSteps(Program& program, CLI::App* group) {
  AddStep(program, group, "plan", "Agree on another planned date", "planned", false, &client::Client::PlanMilestone,
          "DATE", "Such as 2026-03-31",
          [](v1::PlanMilestoneRequest& request, const std::string& date, const std::string& reason) {
            request.set_planned_date(date);
            request.set_reason(reason);
          })
      ->get_option("DATE")
      ->required();
  AddStep(program, group, "forecast", "Say when it is expected now", "forecast", false,
          &client::Client::ForecastMilestone, "DATE", "Such as 2026-04-10; left out: as planned",
          [](v1::ForecastMilestoneRequest& request, const std::string& date, const std::string& reason) {
            request.set_forecast_date(date);
            request.set_reason(reason);
          });
  AddStep(program, group, "achieve", "Say that it is reached", "achieved", false, &client::Client::AchieveMilestone,
          "--date", "Day on which it was; default: today",
          [](v1::AchieveMilestoneRequest& request, const std::string& date, const std::string& reason) {
            request.set_actual_date(date);
            request.set_comment(reason);
          });
  const auto comment_only = [](auto& request, const std::string&, const std::string& reason) {
    request.set_comment(reason);
  };
  AddStep(program, group, "miss", "Say that it was not reached when it should have been", "missed", true,
          &client::Client::MissMilestone, nullptr, nullptr, comment_only);
  AddStep(program, group, "cancel", "Give it up", "cancelled", true, &client::Client::CancelMilestone, nullptr, nullptr,
          comment_only);
}

}  // namespace

void AddMilestoneCommands(Program& program) {
  CLI::App* const group = program.app.add_subcommand("milestone", "Plan, follow and achieve milestones");
  group->require_subcommand(1);
  AddCreateAndUpdate(program, group);
  AddListAndShow(program, group);
  AddSteps(program, group);
}

}  // namespace greffe::cli
