// greffe deliverable create, update, ls, show, plan, forecast, start, archive, slips: the register of deliverables.
#include "clients/cli/deliverable.h"

#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/planning.h"
#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

constexpr char kDeliverables[] = "deliverables";
constexpr char kDeliverableId[] = "Id of a deliverable";

// What create and update have in common.
struct DeliverableFields {
  std::string id;
  std::string title;
  std::string description;
  std::vector<std::string> criteria;
  std::string owner;
  std::string acceptor;
  std::string milestone;
  std::vector<std::string> documents;
  std::string planned;
  std::string forecast;
  std::string etag;
};

void AddDeliverableFields(CLI::App* command, DeliverableFields& fields) {
  command->add_option("--description", fields.description, "More of it");
  AddList(command, "--criterion", fields.criteria, "What it must fulfil; may be given several times");
  command->add_option("--owner", fields.owner, "Principal id of who delivers it; default: you");
  command->add_option("--acceptor", fields.acceptor, "Principal id of who alone may accept it");
  command->add_option("--milestone", fields.milestone, "Milestone that it is due at");
  AddList(command, "--document", fields.documents, "A document that it consists of; may be given several times");
}

absl::StatusOr<v1::Deliverable> DescribedDeliverable(Session& session, const DeliverableFields& fields,
                                                     GivenFields& given) {
  v1::Deliverable deliverable;
  if (given.Has("TITLE", "title") || given.Has("--title", "title")) deliverable.set_title(fields.title);
  if (given.Has("--description", "description")) deliverable.set_description(fields.description);
  if (given.Has("--criterion", "acceptance_criteria")) {
    for (const std::string& criterion : fields.criteria) deliverable.add_acceptance_criteria(criterion);
  }
  if (given.Has("--owner", "responsible")) deliverable.set_responsible(fields.owner);
  if (given.Has("--acceptor", "acceptor")) deliverable.set_acceptor(fields.acceptor);
  if (given.Has("--milestone", "milestone") && !fields.milestone.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*deliverable.mutable_milestone(),
                                   RecordNameOf(session, "milestones", fields.milestone));
  }
  if (given.Has("--document", "documents")) {
    for (const std::string& text : fields.documents) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, text));
      deliverable.add_documents(document.name());
    }
  }
  return deliverable;
}

void AddSubmission(Sheet& sheet, const v1::Submission& submission) {
  for (const v1::SubmittedVersion& version : submission.versions()) {
    const std::string document = version.version().substr(0, version.version().rfind("/versions/"));
    sheet.Add("Submitted", submission.date() + "  " + IdOf(document) + " version " + IdOf(version.version()) +
                               (version.revision().empty() ? "" : " revision " + version.revision()) + "  " +
                               version.title() + "  by " + submission.principal());
  }
  const v1::Acceptance& acceptance = submission.acceptance();
  if (acceptance.outcome() == v1::ACCEPTANCE_OUTCOME_UNSPECIFIED) return;
  sheet.Add("Decided", acceptance.date() + "  " + EnumText(acceptance.outcome()) + " by " + acceptance.principal() +
                           (acceptance.comment().empty() ? "" : ": " + FirstLine(acceptance.comment())));
  for (const std::string& action : acceptance.reservations()) sheet.Add("Reservation", IdOf(action));
  if (acceptance.record().empty()) return;
  sheet.Add("Record", IdOf(acceptance.record().substr(0, acceptance.record().rfind("/versions/"))));
}

void AddDeliverableLines(Sheet& sheet, const v1::Deliverable& deliverable) {
  sheet.Add("Deliverable", IdOf(deliverable.name()));
  sheet.Add("Title", deliverable.title());
  sheet.Add("State", EnumText(deliverable.state()));
  sheet.Add("Description", deliverable.description());
  for (const std::string& criterion : deliverable.acceptance_criteria()) sheet.Add("Criterion", criterion);
  sheet.Add("Owner", deliverable.responsible());
  sheet.Add("Acceptor", deliverable.acceptor());
  sheet.Add("Milestone", deliverable.milestone().empty() ? "" : IdOf(deliverable.milestone()));
  for (const std::string& document : deliverable.documents()) sheet.Add("Document", IdOf(document));
  AddPlannedDates(sheet, deliverable);
  for (const v1::Submission& submission : deliverable.submissions()) AddSubmission(sheet, submission);
  sheet.Add("Closed", deliverable.closing_comment());
  sheet.Add("Updated", LongTime(deliverable.update_time()));
  sheet.Add("Etag", deliverable.etag());
}

void AddDeliverableCreateAndUpdate(Program& program, CLI::App* group) {
  Session& session = program.session;
  CLI::App* const create = group->add_subcommand("create", "Create a deliverable; JSON: Deliverable");
  const auto made = std::make_shared<DeliverableFields>();
  create->add_option("TITLE", made->title, "Name shown to people")->required();
  create->add_option("--id", made->id, "Its id; default: the next one, DLV-0001 and so on");
  create->add_option("--planned", made->planned, "Planned date, such as 2026-03-31");
  create->add_option("--forecast", made->forecast, "Expected date, when it is another one");
  AddDeliverableFields(create, *made);
  OnCall(program, create, [&session, create, made]() -> absl::Status {
    v1::CreateDeliverableRequest request;
    GivenFields given(*create);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_deliverable(), DescribedDeliverable(session, *made, given));
    request.mutable_deliverable()->set_planned_date(made->planned);
    request.mutable_deliverable()->set_forecast_date(made->forecast);
    request.set_deliverable_id(made->id);
    return PrintStep(session, "created", session.client().CreateDeliverable(request));
  });

  CLI::App* const update = group->add_subcommand("update", "Change the fields that are given; JSON: Deliverable");
  const auto changed = std::make_shared<DeliverableFields>();
  update->add_option("ID", changed->id, kDeliverableId)->required();
  update->add_option("--title", changed->title, "Name shown to people");
  AddDeliverableFields(update, *changed);
  update->add_option("--etag", changed->etag, "Only if this is its etag")->check(kNotEmpty);
  OnCall(program, update, [&session, update, changed]() -> absl::Status {
    v1::UpdateDeliverableRequest request;
    GivenFields given(*update);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_deliverable(), DescribedDeliverable(session, *changed, given));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_update_mask(), given.Mask());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_deliverable()->mutable_name(),
                                   RecordNameOf(session, kDeliverables, changed->id));
    request.mutable_deliverable()->set_etag(changed->etag);
    return PrintStep(session, "updated", session.client().UpdateDeliverable(request));
  });
}

void AddDeliverableRegister(Program& program, CLI::App* group) {
  struct Options {
    DueOptions due;
    std::string owner;
    std::string acceptor;
    std::string milestone;
  };
  Session& session = program.session;
  CLI::App* const command = group->add_subcommand("ls", "List deliverables; JSON: one Deliverable a line");
  const auto options = std::make_shared<Options>();
  AddDueOptions(command, options->due);
  command->add_option("--owner", options->owner, "Only those of this principal id");
  command->add_option("--acceptor", options->acceptor, "Only those that this principal id accepts");
  command->add_option("--milestone", options->milestone, "Only those due at this milestone");
  OnCall(program, command, [&session, options]() -> absl::Status {
    std::string milestone;
    if (!options->milestone.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(milestone, RecordNameOf(session, "milestones", options->milestone));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(
        auto request, DueRequest<v1::ListDeliverablesRequest>(
                          session, options->due,
                          {Comparison("responsible", options->owner), Comparison("acceptor", options->acceptor),
                           Comparison("milestone", milestone)}));
    return PrintList(
        session, request, options->due.limit,
        Table({"DELIVERABLE", "STATE", "DUE", "PLANNED", "SLIP", "MILESTONE", "OWNER", "TITLE"}),
        [&session](const auto& page) { return session.client().ListDeliverables(page); },
        [](const auto& page) -> const auto& { return page.deliverables(); },
        [](const v1::Deliverable& deliverable) -> std::vector<std::string> {
          return {IdOf(deliverable.name()),
                  EnumText(deliverable.state()),
                  OrDash(deliverable.current_due_date()),
                  OrDash(deliverable.planned_date()),
                  OrDash(DaysText(deliverable.slip_days())),
                  deliverable.milestone().empty() ? "-" : IdOf(deliverable.milestone()),
                  deliverable.responsible(),
                  deliverable.title()};
        });
  });
}

void AddSlips(Program& program, CLI::App* group) {
  struct Options {
    std::string from;
    std::string to;
    bool monthly = false;
    std::string as_of;
  };
  Session& session = program.session;
  CLI::App* const command = group->add_subcommand("slips", "How deliverables slipped, week by week; JSON: SlipTrend");
  const auto options = std::make_shared<Options>();
  command->add_option("--from", options->from, "First day; default: twelve weeks before the last");
  command->add_option("--to", options->to, "Last day; default: today");
  command->add_flag("--monthly", options->monthly, "Month by month");
  AddAsOf(command, options->as_of);
  OnCall(program, command, [&session, options]() -> absl::Status {
    v1::GetSlipTrendRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    request.set_from_date(options->from);
    request.set_to_date(options->to);
    request.set_period(options->monthly ? v1::SLIP_PERIOD_MONTH : v1::SLIP_PERIOD_WEEK);
    if (!options->as_of.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options->as_of));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::SlipTrend trend, session.client().GetSlipTrend(request));
    if (session.json()) {
      session.PrintJson(trend);
      return absl::OkStatus();
    }
    Table table({options->monthly ? "MONTH OF" : "WEEK OF", "SLIPS", "DELIVERABLES", "DAYS LOST", "DAYS GAINED"});
    for (const v1::SlipCount& count : trend.periods()) {
      table.Add({count.start_date(), std::to_string(count.slip_count()), std::to_string(count.deliverable_count()),
                 std::to_string(count.days_lost()), std::to_string(count.days_gained())});
    }
    table.Print(session);
    return absl::OkStatus();
  });
}

}  // namespace

void AddDeliverableCommands(Program& program) {
  CLI::App* const group = program.app.add_subcommand("deliverable", "Plan, follow, submit and accept deliverables");
  group->require_subcommand(1);
  AddDeliverableCreateAndUpdate(program, group);
  AddDeliverableRegister(program, group);
  AddShowCommand(program, group, "Show a deliverable with its history", kDeliverables, "ID", kDeliverableId,
                 &client::Client::GetDeliverable, AddDeliverableLines);
  AddPlanAndForecast(program, group, kDeliverables, &client::Client::PlanDeliverable,
                     &client::Client::ForecastDeliverable);
  AddAcceptanceCommands(program, group);
  AddSlips(program, group);
}

}  // namespace greffe::cli
