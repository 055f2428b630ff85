// greffe status: the server, and how a project is stored.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

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

void AddStatusCommand(Program& program) {
  Session& session = program.session;
  CLI::App* const status = program.app.add_subcommand("status", "Tell how the server does");
  const auto storage = std::make_shared<bool>(false);
  status->footer("JSON: ServerStatus; with --storage: ProjectStorage.");
  status->add_flag("--storage", *storage, "Tell how the project is stored instead");
  OnCall(program, status, [&session, storage] { return *storage ? ShowProject(session) : ShowServer(session); });
}

}  // namespace greffe::cli
