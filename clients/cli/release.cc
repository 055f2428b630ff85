// greffe approve, revoke, release, obsolete, restore: a version's way from draft to release.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct ReleaseOptions {
  std::string document;
  std::int64_t version = 0;
  std::string comment;
  std::string etag;
  bool major = false;
  bool contractual = false;
};

// The name of the version that the options mean: the latest one when they give no number.
absl::StatusOr<std::string> VersionOf(Session& session, const ReleaseOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document));
  const std::int64_t version = options.version > 0 ? options.version : document.latest_version().number();
  if (version == 0) return document.name() + "/versions/latest";
  return document.name() + "/versions/" + std::to_string(version);
}

void PrintVersion(Session& session, const std::string& what, const v1::Version& version) {
  if (session.json()) {
    session.PrintJson(version);
    return;
  }
  const std::string document = version.name().substr(0, version.name().rfind("/versions/"));
  session.out() << what << "  " << IdOf(document) << "  version " << version.number();
  if (!version.revision().empty()) session.out() << "  revision " << Printable(version.revision());
  session.out() << "\n";
}

CLI::App* AddCommand(Program& program, const std::string& name, const std::string& help, ReleaseOptions& options) {
  CLI::App* const command = program.app.add_subcommand(name, help + "; JSON: Version");
  command->add_option("DOCUMENT", options.document, kDocumentHelp)->required();
  command->add_option("--version", options.version, "This version; default: the latest one")->check(kFromOne);
  return command;
}

// A command that makes one call about a version.
template <typename Request>
void AddVersionCommand(Program& program, const std::string& name, const std::string& help, const std::string& done,
                       bool reason_required, absl::StatusOr<v1::Version> (client::Client::*call)(Request)) {
  Session& session = program.session;
  const auto options = std::make_shared<ReleaseOptions>();
  CLI::App* const command = AddCommand(program, name, help, *options);
  CLI::Option* const message = command->add_option("-m,--message", options->comment, "Why, for the history");
  if (reason_required) message->required();
  OnCall(program, command, [&session, options, done, call]() -> absl::Status {
    Request request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), VersionOf(session, *options));
    request.set_comment(options->comment);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Version version, (session.client().*call)(request));
    PrintVersion(session, done, version);
    return absl::OkStatus();
  });
}

}  // namespace

void AddReleaseCommands(Program& program) {
  Session& session = program.session;
  AddVersionCommand(program, "approve", "Approve the latest version of a document without a review", "approved", false,
                    &client::Client::ApproveVersion);
  AddVersionCommand(program, "revoke", "Take an approval back", "revoked", true, &client::Client::RevokeApproval);

  const auto releasing = std::make_shared<ReleaseOptions>();
  CLI::App* const release =
      AddCommand(program, "release", "Release a version: it gets the next revision code", *releasing);
  release->add_option("-m,--message", releasing->comment, "Why, for the history");
  CLI::Option* const major = release->add_flag("--major", releasing->major, "2.0 after 1.4, where revisions are so");
  release->add_flag("--contractual", releasing->contractual, "C01 after P05, where revisions are so")->excludes(major);
  OnCall(program, release, [&session, releasing]() -> absl::Status {
    v1::ReleaseVersionRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), VersionOf(session, *releasing));
    request.set_comment(releasing->comment);
    if (releasing->major) request.set_step(v1::REVISION_STEP_MAJOR);
    if (releasing->contractual) request.set_step(v1::REVISION_STEP_CONTRACTUAL);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Version version, session.client().ReleaseVersion(request));
    PrintVersion(session, "released", version);
    return absl::OkStatus();
  });

  AddVersionCommand(program, "obsolete", "Declare that a version is not to be used any more", "obsolete", true,
                    &client::Client::ObsoleteVersion);

  const auto restoring = std::make_shared<ReleaseOptions>();
  CLI::App* const restore =
      AddCommand(program, "restore", "Make an older version's files the latest ones, as a new version", *restoring);
  restore->get_option("--version")->required();
  restore->add_option("-m,--message", restoring->comment, "Why, for the history");
  restore->add_option("--etag", restoring->etag, "Only if this is the document's etag")->check(kNotEmpty);
  OnCall(program, restore, [&session, restoring]() -> absl::Status {
    v1::RestoreVersionRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), VersionOf(session, *restoring));
    request.set_comment(restoring->comment);
    request.set_etag(restoring->etag);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Version version, session.client().RestoreVersion(request));
    PrintVersion(session, "restored as", version);
    return absl::OkStatus();
  });
}

}  // namespace greffe::cli
