// greffe action: create, update, ls, show, start, done, cancel.
#include <memory>
#include <tuple>

#include "clients/cli/commands.h"
#include "clients/cli/planning.h"
#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

constexpr char kCollection[] = "actions";
constexpr char kIdHelp[] = "Id of an action";

struct Fields {
  std::string id;
  std::string title;
  std::string description;
  std::string owner;
  std::string due;
  std::string source;
  std::string etag;
};

void AddFields(CLI::App* command, Fields& fields) {
  command->add_option("--description", fields.description, "More of it");
  command->add_option("--owner", fields.owner, "Principal id of who does it; default: you");
  command->add_option("--due", fields.due, "Day by which it is to be done, such as 2026-03-31");
}

absl::Status PrintAction(Session& session, const std::string& what, const absl::StatusOr<v1::Action>& action) {
  if (!action.ok()) return action.status();
  if (session.json()) {
    session.PrintJson(*action);
    return absl::OkStatus();
  }
  session.out() << what << "  " << IdOf(action->name()) << "  " << EnumText(action->state());
  if (!action->open_due_date().empty()) session.out() << "  due " << action->open_due_date();
  session.out() << "  " << Printable(action->title()) << "\n";
  return absl::OkStatus();
}

void Show(Session& session, const v1::Action& action) {
  if (session.json()) {
    session.PrintJson(action);
    return;
  }
  Sheet sheet;
  sheet.Add("Action", IdOf(action.name()));
  sheet.Add("Title", action.title());
  sheet.Add("State", EnumText(action.state()));
  sheet.Add("Description", action.description());
  sheet.Add("Owner", action.owner());
  sheet.Add("Due", action.due_date());
  sheet.Add("From", action.source());
  sheet.Add("Closed", action.closed_date());
  sheet.Add("Outcome", action.outcome());
  sheet.Add("Updated", LongTime(action.update_time()));
  sheet.Add("Etag", action.etag());
  sheet.Print(session);
}

void AddCreateAndUpdate(Program& program, CLI::App* group) {
  Session& session = program.session;
  CLI::App* const create = group->add_subcommand("create", "Create an action; JSON: Action");
  const auto made = std::make_shared<Fields>();
  create->add_option("TITLE", made->title, "What is to be done")->required();
  AddFields(create, *made);
  create->add_option("--source", made->source, "Name of the resource that it comes from");
  OnCall(program, create, [&session, made]() -> absl::Status {
    v1::CreateActionRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    v1::Action& action = *request.mutable_action();
    action.set_title(made->title);
    action.set_description(made->description);
    action.set_owner(made->owner);
    action.set_due_date(made->due);
    action.set_source(made->source);
    return PrintAction(session, "created", session.client().CreateAction(request));
  });

  CLI::App* const update = group->add_subcommand("update", "Change the fields that are given; JSON: Action");
  const auto changed = std::make_shared<Fields>();
  update->add_option("ID", changed->id, kIdHelp)->required();
  update->add_option("--title", changed->title, "What is to be done");
  AddFields(update, *changed);
  update->add_option("--etag", changed->etag, "Only if this is its etag");
  OnCall(program, update, [&session, update, changed]() -> absl::Status {
    v1::UpdateActionRequest request;
    v1::Action& action = *request.mutable_action();
    const std::vector<std::tuple<const char*, const char*, const std::string&>> texts = {
        {"--title", "title", changed->title},
        {"--description", "description", changed->description},
        {"--owner", "owner", changed->owner},
        {"--due", "due_date", changed->due}};
    for (const auto& [option, field, text] : texts) {
      if (update->count(option) == 0) continue;
      action.GetReflection()->SetString(&action, action.GetDescriptor()->FindFieldByName(field), text);
      request.mutable_update_mask()->add_paths(field);
    }
    if (request.update_mask().paths().empty()) {
      return client::MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_GIVEN", "no field to change is given");
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*action.mutable_name(), RecordNameOf(session, kCollection, changed->id));
    action.set_etag(changed->etag);
    return PrintAction(session, "updated", session.client().UpdateAction(request));
  });
}

void AddListAndShow(Program& program, CLI::App* group) {
  struct Options {
    DueOptions due;
    std::string owner;
    std::string source;
  };
  Session& session = program.session;
  CLI::App* const list = group->add_subcommand("ls", "List actions; JSON: one Action a line");
  const auto options = std::make_shared<Options>();
  AddDueOptions(list, options->due);
  list->add_option("--owner", options->owner, "Only those of this principal id");
  list->add_option("--source", options->source, "Only those that come from this resource, by its name");
  OnCall(program, list, [&session, options]() -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(
        auto request,
        DueRequest<v1::ListActionsRequest>(
            session, options->due, {Comparison("owner", options->owner), Comparison("source", options->source)}));
    return PrintList(
        session, request, options->due.limit, Table({"ACTION", "STATE", "DUE", "OWNER", "FROM", "TITLE"}),
        [&session](const auto& page) { return session.client().ListActions(page); },
        [](const auto& page) -> const auto& { return page.actions(); },
        [](const v1::Action& action) -> std::vector<std::string> {
          return {IdOf(action.name()),
                  EnumText(action.state()),
                  OrDash(action.due_date()),
                  action.owner(),
                  action.source().empty() ? "-" : IdOf(action.source()),
                  action.title()};
        });
  });

  CLI::App* const show = group->add_subcommand("show", "Show an action; JSON: Action");
  const auto shown = std::make_shared<std::pair<std::string, std::string>>();
  show->add_option("ID", shown->first, kIdHelp)->required();
  AddAsOf(show, shown->second);
  OnCall(program, show, [&session, shown]() -> absl::Status {
    v1::GetActionRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kCollection, shown->first));
    if (!shown->second.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, shown->second));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Action action, session.client().GetAction(request));
    Show(session, action);
    return absl::OkStatus();
  });
}

// A command `NAME ID` that makes one call, with a comment where the request has one.
template <typename Request>
void AddStep(Program& program, CLI::App* group, const std::string& name, const std::string& help,
             const std::string& done, bool comment_required,
             absl::StatusOr<v1::Action> (client::Client::*call)(Request)) {
  constexpr bool kHasComment = requires(Request request) { request.set_comment(std::string()); };
  Session& session = program.session;
  CLI::App* const command = group->add_subcommand(name, help + "; JSON: Action");
  const auto options = std::make_shared<std::pair<std::string, std::string>>();
  command->add_option("ID", options->first, kIdHelp)->required();
  if constexpr (kHasComment) {
    CLI::Option* const message = command->add_option("-m,--message", options->second, "What came of it, or why");
    if (comment_required) message->required();
  }
  OnCall(program, command, [&session, options, done, call]() -> absl::Status {
    Request request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kCollection, options->first));
    if constexpr (kHasComment) request.set_comment(options->second);
    return PrintAction(session, done, (session.client().*call)(request));
  });
}

}  // namespace

void AddActionCommands(Program& program) {
  CLI::App* const group = program.app.add_subcommand("action", "Give people things to do, and follow them");
  group->require_subcommand(1);
  AddCreateAndUpdate(program, group);
  AddListAndShow(program, group);
  AddStep(program, group, "start", "Say that work on it has begun", "started", false, &client::Client::StartAction);
  AddStep(program, group, "done", "Say that it is done", "done", false, &client::Client::CompleteAction);
  AddStep(program, group, "cancel", "Say that it will not be done", "cancelled", true, &client::Client::CancelAction);
}

}  // namespace greffe::cli
