#include "clients/cli/app.h"

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "clients/cli/arguments.h"
#include "clients/cli/commands.h"
#include "clients/cli/exit_code.h"

namespace greffe::cli {
namespace {

constexpr char kFooter[] =
    "Exit codes: 0 done, 1 another error, 2 wrong usage or a value that was refused, 3 not found, 4 conflict (stale\n"
    "etag, name taken, wrong state), 5 denied, 6 server not reached, busy or too late: it may have been done all the\n"
    "same. With --request-id the same command can be given again until it answers, and is done once; one whose "
    "request\n"
    "follows from what is there (labels, say, that are merged) is refused with it (OPTION_INVALID), and one about the\n"
    "latest version may be once there is a newer one (REQUEST_ID_REUSED). put and import folder, which leave what is\n"
    "there as it is, can be given again without.\n"
    "With --output json results go to standard output as proto3 JSON, one document a line: names in lowerCamelCase,\n"
    "64-bit numbers as strings, times in RFC 3339, all fields present. Errors go to standard error as one line\n"
    "{\"error\": {\"code\", \"message\", \"reason\", \"metadata\", \"fieldViolations\"}}.\n"
    "NO_COLOR in the environment keeps the output free of colours.";

// As the server has it, with room for the numbers of further writes.
const CLI::Validator kRequestId(
    [](const std::string& text) {
      const bool right = !text.empty() && text.size() <= 56 &&
                         std::all_of(text.begin(), text.end(),
                                     [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '-'); });
      return right ? "" : "\"" + text + "\" is not 1 to 56 letters, digits and '-'";
    },
    "ID", "request id");

void AddGlobalOptions(CLI::App& app, Session& session) {
  app.add_option("--server", session.server, "Address of the server, which is called directly, past any http_proxy")
      ->envname("GREFFE_SERVER")
      ->capture_default_str();
  app.add_option("--project", session.project, "Project that the command is about")->envname("GREFFE_PROJECT");
  app.add_option("--output", session.output, "How to answer: table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app.add_option("--principal", session.principal,
                 "Principal id of who acts, where the server lets the client say so; default: the system's user")
      ->envname("GREFFE_PRINCIPAL");
  app.add_option(
         "--request-id", session.request_id,
         "Id of what is asked for: given again with the same command, it is done once; a command's second write "
         "gets it with -2 behind it, and so on")
      ->envname("GREFFE_REQUEST_ID")
      ->check(kRequestId);
  app.add_option("--timeout", session.timeout_seconds, "Seconds for a call; streams run as long as something moves")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
}

// The error as people are told it. Where a word stands in a subcommand's place, CLI11 says only that a subcommand is
// required; and it would name marked arguments.
CLI::ParseError Told(const CLI::App& app, const CLI::ParseError& thrown) {
  const CLI::App* at = &app;
  std::string command = app.get_name();
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  std::vector<std::string> words = app.remaining(true);
  if (words.empty()) return thrown;
  std::transform(words.begin(), words.end(), words.begin(), Unmarked);
  if (at->get_require_subcommand_min() > 0 && !words.front().starts_with("-")) {
    return CLI::ParseError("\"" + words.front() + "\" is no subcommand of " + command, CLI::ExitCodes::ExtrasError);
  }
  if (thrown.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return thrown;
  std::reverse(words.begin(), words.end());
  return CLI::ExtrasError(std::move(words));
}

}  // namespace

absl::Status OptionInvalid(const std::string& finding) {
  return client::MakeError(absl::StatusCode::kInvalidArgument, "OPTION_INVALID", finding);
}

absl::Status RefuseRequestId(const Session& session, const std::string& why) {
  return session.request_id.empty() ? absl::OkStatus() : OptionInvalid("--request-id: " + why);
}

absl::Status ParsePairs(const std::vector<std::string>& pairs, const std::string& option,
                        const std::function<void(const std::string& key, const std::string& value)>& add) {
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return OptionInvalid(option + ": \"" + pair + "\" is not of the form KEY=VALUE");
    }
    add(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return absl::OkStatus();
}

int Run(const std::vector<std::string>& arguments, const Streams& streams) {
  CLI::App app("Documents with every version kept: check in, fetch, compare, follow.", "greffe");
  Session session(streams);
  Program program{app, session, absl::OkStatus()};
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  // An alias may say `--server`, and its user another after it.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  AddGlobalOptions(app, session);
  app.add_flag_callback(
      "--version",
      [&app] {
        // A command without a --version of its own passes it on to here.
        if (!app.get_subcommands().empty()) throw CLI::ExtrasError({"--version"});
        throw CLI::CallForVersion("greffe " GREFFE_VERSION, 0);
      },
      "Print the program's version and exit");
  AddProjectCommands(program);
  AddPutCommand(program);
  AddGetCommand(program);
  AddReadCommands(program);
  AddDiffCommand(program);
  AddEditCommand(program);
  AddActCommands(program);
  AddReleaseCommands(program);
  AddLockCommands(program);
  AddReviewCommands(program);
  AddDeliverableCommands(program);
  AddMilestoneCommands(program);
  AddRegisterCommands(program);
  AddTableCommands(program);
  AddTraceCommands(program);
  AddBaselineCommands(program);
  AddTransmittalCommands(program);
  AddTemplateCommands(program);
  AddUploadCommands(program);
  AddWatchCommand(program);
  AddInboxCommands(program);
  AddWebhookCommands(program);
  AddImportCommands(program);
  AddExportCommand(program);
  AddStatusCommands(program);
  AddServerCommands(program);
  AddCompletionCommand(program);
  TakeMarkedArguments(app);
  try {
    std::vector<std::string> marked = MarkArguments(app, arguments);
    std::reverse(marked.begin(), marked.end());  // CLI11 takes them from the back
    app.parse(std::move(marked));
  } catch (const CLI::ParseError& thrown) {
    const CLI::ParseError error = Told(app, thrown);
    if (error.get_exit_code() != 0 && AskForJson(arguments)) {
      session.output = "json";
      PrintError(session, client::MakeError(absl::StatusCode::kInvalidArgument, "USAGE", error.what()));
      return kExitUsage;
    }
    return app.exit(error, streams.out, streams.err) == 0 ? kExitOk : kExitUsage;
  }
  streams.out.flush();
  if (program.outcome.ok() && !streams.out.good()) {
    program.outcome = client::FromErrno(EIO, "write", "standard output");
  }
  if (program.outcome.ok()) return kExitOk;
  // gRPC's own words do not say which server.
  if (absl::IsUnavailable(program.outcome) && client::ReasonOf(program.outcome).empty()) {
    program.outcome = absl::UnavailableError("cannot reach the server at " + session.server + ": " +
                                             std::string(program.outcome.message()));
  }
  PrintError(session, program.outcome);
  return ExitCodeOf(program.outcome);
}

}  // namespace greffe::cli
