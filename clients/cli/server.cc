// greffe server status: the server, and how a project is stored; greffe scrub: a check of all stored data.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

std::string RoundText(const v1::ScrubRound& round) {
  return std::to_string(round.project_count()) + " projects, " + std::to_string(round.commit_count()) + " commits, " +
         std::to_string(round.object_count()) + " objects, " + SizeText(round.byte_count()) + ", " +
         std::to_string(round.finding_count()) + " findings";
}

void AddScrub(Sheet& sheet, const v1::ScrubStatus& scrub) {
  if (scrub.bytes_per_second() == 0) {
    sheet.Add("Scrub", "off");
    return;
  }
  if (scrub.has_current_round()) {
    sheet.Add("Scrub",
              "since " + LongTime(scrub.current_round().start_time()) + ": " + RoundText(scrub.current_round()));
  }
  if (scrub.has_latest_round()) {
    sheet.Add("Scrubbed", LongTime(scrub.latest_round().end_time()) + ": " + RoundText(scrub.latest_round()));
  }
  if (scrub.has_next_start_time()) sheet.Add("Next scrub", LongTime(scrub.next_start_time()));
  for (const v1::ScrubRound* round : {&scrub.current_round(), &scrub.latest_round()}) {
    for (const v1::ScrubFinding& finding : round->findings()) {
      sheet.Add("Damage", finding.resource() + ": " + finding.description());
    }
  }
}

absl::Status BeginScrub(Session& session) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::StartScrubResponse response, session.client().StartScrub({}));
  if (session.json()) {
    session.PrintJson(response);
    return absl::OkStatus();
  }
  Sheet sheet;
  AddScrub(sheet, response.scrub());
  sheet.Print(session);
  return absl::OkStatus();
}

absl::Status ShowServer(Session& session) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ServerStatus status, session.client().GetServerStatus({}));
  if (session.json()) {
    session.PrintJson(status);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("Server", session.server);
  sheet.Add("Version", status.version());
  sheet.Add("Format", std::to_string(status.format()));
  sheet.Add("Started", LongTime(status.start_time()));
  sheet.Add("Projects", std::to_string(status.project_count()));
  sheet.Add("Unpacked",
            std::to_string(status.unpacked_commit_count()) + " commits, " + SizeText(status.unpacked_bytes()));
  sheet.Add("Writable", status.writable() ? "yes" : "no: " + status.not_writable_reason());
  for (const std::string& project : status.quarantined_projects()) sheet.Add("Quarantined", project);
  AddScrub(sheet, status.scrub());
  sheet.Print(session);
  return absl::OkStatus();
}

absl::Status ShowProject(Session& session) {
  v1::GetProjectStorageRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), session.Parent());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ProjectStorage storage, session.client().GetProjectStorage(request));
  if (session.json()) {
    session.PrintJson(storage);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("Project", IdOf(storage.name()));
  sheet.Add("Sequence", std::to_string(storage.sequence()));
  sheet.Add("Packed", std::to_string(storage.packed_sequence()));
  sheet.Add("Packs", std::to_string(storage.pack_count()) + ", " + SizeText(storage.pack_bytes()));
  sheet.Add("Repository", storage.repository());
  sheet.Print(session);
  return absl::OkStatus();
}

}  // namespace

void AddServerCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const group = program.app.add_subcommand("server", "Tell how the server does");
  group->require_subcommand(1);
  CLI::App* const status = group->add_subcommand("status", "Tell how the server does");
  const auto storage = std::make_shared<bool>(false);
  status->footer("JSON: ServerStatus; with --storage: ProjectStorage.");
  status->add_flag("--storage", *storage, "Tell how the project is stored instead");
  OnCall(program, status, [&session, storage] { return *storage ? ShowProject(session) : ShowServer(session); });
  CLI::App* const scrub =
      program.app.add_subcommand("scrub", "Begin a check of all stored data; server status tells its findings");
  scrub->footer("JSON: StartScrubResponse.");
  OnCall(program, scrub, [&session] { return BeginScrub(session); });
}

}  // namespace greffe::cli
