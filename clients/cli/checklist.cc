// greffe checklist add, run; greffe run answer.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/planning.h"
#include "clients/cli/register.h"

namespace greffe::cli {
namespace {

struct ChecklistOptions {
  std::string id;
  std::string title;
  std::string source;
  std::string due;
  std::vector<std::string> items;
  std::vector<std::string> optional_items;
};

void AddItems(v1::Checklist& checklist, const std::vector<std::string>& texts, bool required) {
  for (const std::string& text : texts) {
    v1::ChecklistItem& item = *checklist.add_items();
    item.set_text(text);
    item.set_required(required);
  }
}

void AddNew(Program& program, CLI::App* group) {
  Session& session = program.session;
  CLI::App* const make = group->add_subcommand("add", "Add one with its items; JSON: the entry");
  const auto options = std::make_shared<ChecklistOptions>();
  make->add_option("TITLE", options->title, "What it is called")->required();
  make->add_option("--id", options->id, "Its id; default: the next number");
  AddList(make, "--item", options->items, "A question that wants an answer; several times");
  AddList(make, "--optional-item", options->optional_items, "A question that may stay open; several times");
  OnCall(program, make, [&session, options]() -> absl::Status {
    v1::CreateEntryRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    request.set_entry_id(options->id);
    v1::Checklist& checklist = *request.mutable_entry()->mutable_checklist();
    checklist.set_title(options->title);
    AddItems(checklist, options->items, true);
    AddItems(checklist, options->optional_items, false);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry made, session.client().CreateEntry(request));
    PrintOutcome(session, "created", made);
    return absl::OkStatus();
  });
}

void AddRun(Program& program, CLI::App* group) {
  Session& session = program.session;
  CLI::App* const run = group->add_subcommand("run", "Begin a run; JSON: the entry");
  const auto options = std::make_shared<ChecklistOptions>();
  run->add_option("ID", options->id, "Id of the checklist")->required();
  run->add_option("--title", options->title, "What it is about; default: as the checklist");
  run->add_option("--source", options->source, "Name of the resource that is checked");
  run->add_option("--due", options->due, "Day by which it is to be complete");
  OnCall(program, run, [&session, options]() -> absl::Status {
    v1::CreateEntryRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    v1::ChecklistRun& made = *request.mutable_entry()->mutable_checklist_run();
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*made.mutable_checklist(), RecordNameOf(session, "checklists", options->id));
    made.set_title(options->title);
    made.set_source(options->source);
    made.set_due_date(options->due);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry begun, session.client().CreateEntry(request));
    PrintOutcome(session, "begun", begun);
    return absl::OkStatus();
  });
}

absl::Status AddAnswer(v1::ChecklistRun& run, const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t colon = text.find(':', equals == std::string::npos ? 0 : equals);
  const std::string result = equals == std::string::npos ? "" : text.substr(equals + 1, colon - equals - 1);
  v1::ChecklistAnswer& answer = *run.add_answers();
  answer.set_id(text.substr(0, equals));
  if (colon != std::string::npos) answer.set_comment(text.substr(colon + 1));
  if (result == "pass") answer.set_result(v1::CHECKLIST_RESULT_PASS);
  if (result == "fail") answer.set_result(v1::CHECKLIST_RESULT_FAIL);
  if (result == "na") answer.set_result(v1::CHECKLIST_RESULT_NOT_APPLICABLE);
  if (answer.result() != v1::CHECKLIST_RESULT_UNSPECIFIED) return absl::OkStatus();
  return OptionInvalid("\"" + text + "\": expected ITEM=pass, ITEM=fail or ITEM=na, with an optional :COMMENT");
}

void AddAnswers(Program& program, CLI::App* group) {
  Session& session = program.session;
  CLI::App* const command = group->add_subcommand("answer", "Answer items of a run; JSON: the entry");
  const auto options = std::make_shared<ChecklistOptions>();
  command->add_option("ID", options->id, "Id of the run")->required();
  command->add_option("ANSWERS", options->items, "ITEM=pass, ITEM=fail or ITEM=na, with an optional :COMMENT")
      ->required();
  OnCall(program, command, [&session, options]() -> absl::Status {
    v1::UpdateEntryRequest request;
    v1::ChecklistRun& run = *request.mutable_entry()->mutable_checklist_run();
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*run.mutable_name(), RecordNameOf(session, "checklistRuns", options->id));
    for (const std::string& item : options->items) GREFFE_CLIENT_RETURN_IF_ERROR(AddAnswer(run, item));
    request.mutable_update_mask()->add_paths("answers");
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry answered, session.client().UpdateEntry(request));
    PrintOutcome(session, "answered", answered);
    return absl::OkStatus();
  });
}

}  // namespace

void AddChecklistCommands(Program& program, CLI::App* group, const std::string& name) {
  if (name == "checklist") {
    AddNew(program, group);
    AddRun(program, group);
  }
  if (name == "run") AddAnswers(program, group);
}

}  // namespace greffe::cli
