// greffe milestone: create, update, ls, show, plan, forecast, achieve, miss, cancel.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/planning.h"
#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

constexpr char kMilestones[] = "milestones";
constexpr char kMilestoneId[] = "Id of a milestone";

// What create and update have in common.
struct MilestoneFields {
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

void AddMilestoneFields(CLI::App* command, MilestoneFields& fields) {
  command->add_option("--description", fields.description, "More of it");
  command->add_option("--owner", fields.owner, "Principal id of who answers for it");
  command->add_option("--stage", fields.stage, "Stage that it belongs to");
  command->add_option("--next-stage", fields.next_stage, "Stage that the project enters when it is achieved");
  AddList(command, "--gate", fields.gates,
          "Deliverable (DLV-0001) or milestone (milestones/MST-0001) that it waits for; may be given several times");
}

// `DLV-0001`, `milestones/MST-0001` or a whole name.
absl::StatusOr<std::string> GateNamed(Session& session, const std::string& text) {
  const std::string prefix = std::string(kMilestones) + "/";
  if (text.starts_with(prefix)) return RecordNameOf(session, kMilestones, text.substr(prefix.size()));
  return RecordNameOf(session, "deliverables", text);
}

absl::StatusOr<v1::Milestone> DescribedMilestone(Session& session, const MilestoneFields& fields, GivenFields& given) {
  v1::Milestone milestone;
  if (given.Has("TITLE", "title") || given.Has("--title", "title")) milestone.set_title(fields.title);
  if (given.Has("--description", "description")) milestone.set_description(fields.description);
  if (given.Has("--owner", "responsible")) milestone.set_responsible(fields.owner);
  if (given.Has("--stage", "stage")) milestone.set_stage(fields.stage);
  if (given.Has("--next-stage", "next_stage")) milestone.set_next_stage(fields.next_stage);
  if (given.Has("--gate", "gates")) {
    for (const std::string& gate : fields.gates) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*milestone.add_gates(), GateNamed(session, gate));
    }
  }
  return milestone;
}

void AddMilestoneLines(Sheet& sheet, const v1::Milestone& milestone) {
  sheet.Add("Milestone", IdOf(milestone.name()));
  sheet.Add("Title", milestone.title());
  sheet.Add("State", EnumText(milestone.state()));
  sheet.Add("Description", milestone.description());
  sheet.Add("Owner", milestone.responsible());
  sheet.Add("Stage", milestone.stage());
  sheet.Add("Opens stage", milestone.next_stage());
  for (const std::string& gate : milestone.gates()) sheet.Add("Waits for", IdOf(gate));
  AddPlannedDates(sheet, milestone);
  sheet.Add("Outcome", milestone.outcome());
  sheet.Add("Updated", LongTime(milestone.update_time()));
  sheet.Add("Etag", milestone.etag());
}

void AddMilestoneCreateAndUpdate(Program& program, CLI::App* group) {
  Session& session = program.session;
  CLI::App* const create = group->add_subcommand("create", "Create a milestone; JSON: Milestone");
  const auto made = std::make_shared<MilestoneFields>();
  create->add_option("TITLE", made->title, "Name shown to people")->required();
  create->add_option("--id", made->id, "Its id; default: the next one, MST-0001 and so on");
  create->add_option("--planned", made->planned, "Planned date, such as 2026-03-31");
  AddMilestoneFields(create, *made);
  OnCall(program, create, [&session, create, made]() -> absl::Status {
    v1::CreateMilestoneRequest request;
    GivenFields given(*create);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_milestone(), DescribedMilestone(session, *made, given));
    request.mutable_milestone()->set_planned_date(made->planned);
    request.set_milestone_id(made->id);
    return PrintStep(session, "created", session.client().CreateMilestone(request));
  });

  CLI::App* const update = group->add_subcommand("update", "Change the fields that are given; JSON: Milestone");
  const auto changed = std::make_shared<MilestoneFields>();
  update->add_option("ID", changed->id, kMilestoneId)->required();
  update->add_option("--title", changed->title, "Name shown to people");
  AddMilestoneFields(update, *changed);
  update->add_option("--etag", changed->etag, "Only if this is its etag")->check(kNotEmpty);
  OnCall(program, update, [&session, update, changed]() -> absl::Status {
    v1::UpdateMilestoneRequest request;
    GivenFields given(*update);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_milestone(), DescribedMilestone(session, *changed, given));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_update_mask(), given.Mask());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_milestone()->mutable_name(),
                                   RecordNameOf(session, kMilestones, changed->id));
    request.mutable_milestone()->set_etag(changed->etag);
    return PrintStep(session, "updated", session.client().UpdateMilestone(request));
  });
}

void AddMilestoneRegister(Program& program, CLI::App* group) {
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
}

void AddSteps(Program& program, CLI::App* group) {
  AddPlanAndForecast(program, group, kMilestones, &client::Client::PlanMilestone, &client::Client::ForecastMilestone);
  Step achieve{"achieve", "Say that it is reached", "achieved"};
  achieve.date_option = "--date";
  achieve.date_help = "Day on which it was; default: today";
  AddStep(program, group, kMilestones, achieve, &client::Client::AchieveMilestone,
          [](v1::AchieveMilestoneRequest& request, const StepOptions& options) {
            request.set_actual_date(options.date);
            request.set_comment(options.message);
          });
  Step miss{"miss", "Say that it was not reached when it should have been", "missed"};
  miss.message_required = true;
  AddStep(program, group, kMilestones, miss, &client::Client::MissMilestone, FillComment<v1::MissMilestoneRequest>);
  Step cancel{"cancel", "Give it up", "cancelled"};
  cancel.message_required = true;
  AddStep(program, group, kMilestones, cancel, &client::Client::CancelMilestone,
          FillComment<v1::CancelMilestoneRequest>);
}

}  // namespace

void AddMilestoneCommands(Program& program) {
  CLI::App* const group = program.app.add_subcommand("milestone", "Plan, follow and achieve milestones");
  group->require_subcommand(1);
  AddMilestoneCreateAndUpdate(program, group);
  AddMilestoneRegister(program, group);
  AddShowCommand(program, group, "Show a milestone with its history", kMilestones, "ID", kMilestoneId,
                 &client::Client::GetMilestone, AddMilestoneLines);
  AddSteps(program, group);
}

}  // namespace greffe::cli
