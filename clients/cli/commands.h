// The commands. Each Add... registers some with their options; the one that is called leaves its outcome behind.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/session.h"

namespace greffe::cli {

struct Program {
  CLI::App& app;
  Session& session;
  absl::Status outcome;
};

void AddProjectCommands(Program& program);  // project create, ls, show, update
void AddPutCommand(Program& program);       // put
void AddGetCommand(Program& program);       // get
void AddReadCommands(Program& program);     // ls, show, log
void AddDiffCommand(Program& program);      // diff
void AddEditCommand(Program& program);      // edit
void AddActCommands(Program& program);      // mv, withdraw, reinstate
void AddReleaseCommands(Program& program);  // approve, revoke, release, obsolete, restore
void AddLockCommands(Program& program);     // lock, unlock, locks
void AddReviewCommands(Program& program);   // review open, ls, show, approve, decide, comment, delegate, update, ...
void AddDeliverableCommands(Program& program);  // deliverable create, ls, submit, accept, ...
void AddMilestoneCommands(Program& program);    // milestone create, ls, achieve, ...
void AddRegisterCommands(Program& program);     // risk, issue, action, ...: add, ls, show, update, log, ...
void AddMeetingCommands(Program& program, CLI::App* group, const std::string& name);  // meeting minutes
void AddChecklistCommands(Program& program, CLI::App* group,
                          const std::string& name);  // checklist add, run; run answer
void AddTableCommands(Program& program);             // table export, import
void AddTraceCommands(Program& program);             // trace link, ls, show, confirm, repoint, rm, impact, matrix, ...
void AddBaselineCommands(Program& program);          // baseline create, ls, show, files, compare
void AddTransmittalCommands(Program& program);       // transmittal create, ls, show, ack, changes, download
void AddTemplateCommands(Program& program);          // template ls, fields, new, outdated
void AddUploadCommands(Program& program);            // upload ls, rm
void AddWatchCommand(Program& program);              // watch
void AddInboxCommands(Program& program);             // inbox ls, watch, ack, digest
void AddWebhookCommands(Program& program);           // webhook create, ls, show, rm, pause, resume, dead, redeliver
void AddImportCommands(Program& program);            // import git, import folder
void AddExportCommand(Program& program);             // export
void AddStatusCommands(Program& program);            // status, portfolio, report
void AddServerCommands(Program& program);            // server status, scrub
void AddCompletionCommand(Program& program);         // completion

// Runs `act` when `command` is called.
inline void OnCall(Program& program, CLI::App* command, std::function<absl::Status()> act) {
  command->callback([&program, run = std::move(act)] { program.outcome = run(); });
}

// An option's type, where its value is a name of the local disk, which may be in any encoding.
inline constexpr char kLocalPath[] = "PATH";

// From 1 on; what CLI11 has says its range in floating point.
inline const CLI::Validator kFromOne(
    [](const std::string& text) {
      const bool digits = text.size() <= 18 && text.find_first_not_of("0123456789") == std::string::npos;
      return digits && text.find_first_not_of('0') != std::string::npos ? ""
                                                                        : "\"" + text + "\" is no number from 1 on";
    },
    "FROM 1", "from one");

// For an option that does something else without a value: an empty shell variable asks for nothing of the kind.
inline const CLI::Validator kNotEmpty([](const std::string& text) { return text.empty() ? "is empty" : ""; }, "",
                                      "not empty");

// An option that may be given several times, with one value each: what follows may be a positional again.
inline CLI::Option* AddList(CLI::App* command, const std::string& name, std::vector<std::string>& values,
                            const std::string& help) {
  return command->add_option(name, values, help)->allow_extra_args(false);
}

// INVALID_ARGUMENT (OPTION_INVALID).
absl::Status OptionInvalid(const std::string& finding);

// INVALID_ARGUMENT (OPTION_INVALID) when --request-id is given: given again, the command would ask for something else,
// since `why`.
absl::Status RefuseRequestId(const Session& session, const std::string& why);

// `KEY=VALUE` options as a map. INVALID_ARGUMENT (OPTION_INVALID) for one without '='.
absl::Status ParsePairs(const std::vector<std::string>& pairs, const std::string& option,
                        const std::function<void(const std::string& key, const std::string& value)>& add);

}  // namespace greffe::cli
