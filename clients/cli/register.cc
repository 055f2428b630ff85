#include "clients/cli/register.h"

#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/entry_fields.h"
#include "clients/cli/planning.h"
#include "clients/cli/text.h"
#include "google/protobuf/descriptor.h"

namespace greffe::cli {
namespace {

using google::protobuf::Message;

struct EntryOptions {
  std::string id;
  std::string title;
  std::string etag;
  std::string comment;
  std::string state;
  std::string as_of;
  DueOptions due;
  std::string owner;
  std::string source;
  EntryFields fields;
};

std::string Upper(std::string text) {
  for (char& c : text) c = c == '_' || c == '-' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string Heading(const RegisterCommand& command, const std::string& column) {
  if (column == "id") return Upper(command.name);
  if (column == "source") return "FROM";
  return column.ends_with("_date") && column != "start_date" && column != "end_date" ? "DUE" : Upper(column);
}

// "approved" of "approve", for what is told afterwards: the new state says it.
absl::Status Transition(Session& session, const RegisterCommand& command, const EntryOptions& options,
                        const std::string& state, const std::string& what) {
  v1::TransitionEntryRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, command.collection, options.id));
  request.set_state(state);
  request.set_comment(options.comment);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry entry, session.client().TransitionEntry(request));
  PrintOutcome(session, what, entry);
  return absl::OkStatus();
}

void AddCreate(Program& program, CLI::App* group, const RegisterCommand& command) {
  Session& session = program.session;
  CLI::App* const add = group->add_subcommand("add", "Add one; JSON: the entry")->alias("create");
  const auto options = std::make_shared<EntryOptions>();
  add->add_option("TITLE", options->title, "What it is in one line")->required();
  add->add_option("--id", options->id, "Its id; default: the next number");
  AddFieldOptions(add, *command.prototype, true, options->fields);
  OnCall(program, add, [&session, &command, add, options]() -> absl::Status {
    v1::CreateEntryRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    request.set_entry_id(options->id);
    Message& entry = MutableEntryOf(*request.mutable_entry(), *command.prototype);
    entry.GetReflection()->SetString(&entry, entry.GetDescriptor()->FindFieldByName("title"), options->title);
    std::vector<std::string> paths;
    GREFFE_CLIENT_RETURN_IF_ERROR(SetFields(session, *add, request.parent(), options->fields, entry, paths));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry made, session.client().CreateEntry(request));
    PrintOutcome(session, "created", made);
    return absl::OkStatus();
  });
}

void AddUpdate(Program& program, CLI::App* group, const RegisterCommand& command) {
  Session& session = program.session;
  CLI::App* const update = group->add_subcommand("update", "Change the fields that are given; JSON: the entry");
  const auto options = std::make_shared<EntryOptions>();
  update->add_option("ID", options->id, "Its id")->required();
  update->add_option("--title", options->title, "What it is in one line");
  update->add_option("--etag", options->etag, "Only if this is its etag")->check(kNotEmpty);
  AddFieldOptions(update, *command.prototype, false, options->fields);
  OnCall(program, update, [&session, &command, update, options]() -> absl::Status {
    v1::UpdateEntryRequest request;
    Message& entry = MutableEntryOf(*request.mutable_entry(), *command.prototype);
    const auto set = [&entry](const char* field, const std::string& text) {
      entry.GetReflection()->SetString(&entry, entry.GetDescriptor()->FindFieldByName(field), text);
    };
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string name, RecordNameOf(session, command.collection, options->id));
    set("name", name);
    set("etag", options->etag);
    std::vector<std::string> paths;
    if (update->count("--title") > 0) {
      set("title", options->title);
      paths.push_back("title");
    }
    const std::string project = name.substr(0, name.find('/', name.find('/') + 1));
    GREFFE_CLIENT_RETURN_IF_ERROR(SetFields(session, *update, project, options->fields, entry, paths));
    if (paths.empty()) {
      return client::MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_GIVEN", "no field to change is given");
    }
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry changed, session.client().UpdateEntry(request));
    PrintOutcome(session, "updated", changed);
    return absl::OkStatus();
  });
}

void AddEntryList(Program& program, CLI::App* group, const RegisterCommand& command) {
  Session& session = program.session;
  CLI::App* const list = group->add_subcommand("ls", "List them; JSON: one a line");
  const auto options = std::make_shared<EntryOptions>();
  AddDueOptions(list, options->due);
  list->add_option("--owner", options->owner, "Only those of this principal id");
  list->add_option("--source", options->source, "Only those that come from this resource, by its name");
  OnCall(program, list, [&session, &command, options]() -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(
        auto request,
        DueRequest<v1::ListEntriesRequest>(
            session, options->due, {Comparison("owner", options->owner), Comparison("source", options->source)}));
    request.set_parent(request.parent() + "/" + command.collection);
    std::vector<std::string> headings;
    for (const char* column : command.columns) headings.push_back(Heading(command, column));
    return PrintList(
        session, request, options->due.limit, Table(headings),
        [&session](const auto& page) { return session.client().ListEntries(page); },
        [](const auto& page) -> const auto& { return page.entries(); },
        [&command](const v1::Entry& entry) {
          std::vector<std::string> cells;
          for (const char* column : command.columns) cells.push_back(Cell(EntryOf(entry), column));
          return cells;
        });
  });
}

void AddShow(Program& program, CLI::App* group, const RegisterCommand& command) {
  Session& session = program.session;
  CLI::App* const show = group->add_subcommand("show", "Show one; JSON: the entry");
  const auto options = std::make_shared<EntryOptions>();
  show->add_option("ID", options->id, "Its id")->required();
  AddAsOf(show, options->as_of);
  OnCall(program, show, [&session, &command, options]() -> absl::Status {
    v1::GetEntryRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, command.collection, options->id));
    if (!options->as_of.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options->as_of));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry entry, session.client().GetEntry(request));
    if (session.json()) {
      session.PrintJson(entry);
    } else {
      PrintEntry(session, Upper(command.name), EntryOf(entry));
    }
    return absl::OkStatus();
  });
}

void AddLog(Program& program, CLI::App* group, const RegisterCommand& command) {
  Session& session = program.session;
  CLI::App* const log = group->add_subcommand("log", "Who changed one when; JSON: one a line, newest first");
  const auto options = std::make_shared<EntryOptions>();
  log->add_option("ID", options->id, "Its id")->required();
  log->add_option("--limit", options->due.limit, "At most so many; default: all")->check(kFromOne);
  OnCall(program, log, [&session, &command, options]() -> absl::Status {
    v1::ListEntryRevisionsRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, command.collection, options->id));
    request.set_page_size(1000);
    return PrintList(
        session, request, options->due.limit, Table({"TIME", "WHO", "STATE", "TITLE"}),
        [&session](const auto& page) { return session.client().ListEntryRevisions(page); },
        [](const auto& page) -> const auto& { return page.revisions(); },
        [](const v1::Entry& revision) -> std::vector<std::string> {
          const Message& entry = EntryOf(revision);
          const auto& reflection = *entry.GetReflection();
          const auto message = [&](const char* field) -> const Message& {
            return reflection.GetMessage(entry, entry.GetDescriptor()->FindFieldByName(field));
          };
          return {ShortTime(static_cast<const google::protobuf::Timestamp&>(message("update_time"))),
                  PrincipalText(static_cast<const v1::Principal&>(message("last_modifier"))), Cell(entry, "state"),
                  Cell(entry, "title")};
        });
  });
}

void AddVerbs(Program& program, CLI::App* group, const RegisterCommand& command) {
  Session& session = program.session;
  for (const RegisterVerb& verb : command.verbs) {
    CLI::App* const step = group->add_subcommand(verb.name, std::string(verb.help) + "; JSON: the entry");
    const auto options = std::make_shared<EntryOptions>();
    step->add_option("ID", options->id, "Its id")->required();
    step->add_option("-m,--message", options->comment, "What came of it, or why");
    OnCall(program, step, [&session, &command, &verb, options] {
      return Transition(session, command, *options, verb.state, verb.name);
    });
  }
}

}  // namespace

const Message& EntryOf(const v1::Entry& entry) {
  const auto& reflection = *entry.GetReflection();
  const auto* set = reflection.GetOneofFieldDescriptor(entry, v1::Entry::descriptor()->oneof_decl(0));
  // An entry of a newer server may be of a register that this program does not know.
  return set == nullptr ? v1::Action::default_instance() : reflection.GetMessage(entry, set);
}

Message& MutableEntryOf(v1::Entry& entry, const Message& prototype) {
  const auto* type = v1::Entry::descriptor();
  int field = 0;
  while (type->field(field)->message_type() != prototype.GetDescriptor()) ++field;
  return *entry.GetReflection()->MutableMessage(&entry, type->field(field));
}

void PrintOutcome(Session& session, const std::string& what, const v1::Entry& entry) {
  if (session.json()) {
    session.PrintJson(entry);
    return;
  }
  const Message& inside = EntryOf(entry);
  session.out() << what << "  " << Cell(inside, "id") << "  " << Cell(inside, "state");
  if (inside.GetDescriptor()->FindFieldByName("open_due_date") != nullptr) {
    const std::string due = TextField(inside, "open_due_date");
    if (!due.empty()) session.out() << "  due " << due;
  }
  session.out() << "  " << Printable(TextField(inside, "title")) << "\n";
}

void AddRegisterCommands(Program& program) {
  for (const RegisterCommand& command : RegisterCommands()) {
    CLI::App* const group = program.app.add_subcommand(command.name, command.help);
    group->require_subcommand(1);
    if (!command.own_add) AddCreate(program, group, command);
    AddUpdate(program, group, command);
    AddEntryList(program, group, command);
    AddShow(program, group, command);
    AddLog(program, group, command);
    AddVerbs(program, group, command);
    AddMeetingCommands(program, group, command.name);
    AddChecklistCommands(program, group, command.name);
  }
}

}  // namespace greffe::cli
