// greffe get, export: contents to local files.
#include <filesystem>
#include <functional>
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/fetch_targets.h"
#include "clients/cli/folder_fetch.h"
#include "clients/cli/moment.h"
#include "clients/cli/progress.h"
#include "clients/cli/text.h"
#include "clients/cpp/atomic_file.h"
#include "clients/cpp/download.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

namespace fs = std::filesystem;

struct GetOptions {
  std::vector<std::string> documents;
  std::string out;
  std::int64_t version = 0;
  bool released = false;
  std::string revision;
  std::string companion;
  std::string as_of;
  std::string if_none_match;
  bool force = false;
};

constexpr char kGetFooter[] =
    "A DOCUMENT that ends with '/' is a folder of the project, '.' is all of it; also a name under which there is no\n"
    "document but others below it. Without -o a file is saved under its own name in the current folder, a folder\n"
    "under its path. With --released a folder's documents without a released version are left out. Of a folder, the\n"
    "renditions and attachments come too, as in git: FILE.renditions/NAME, FILE.attachments/NAME. A file appears\n"
    "whole, verified by its SHA-256, or not at all. One that is there with a content that no version of its document\n"
    "has, or that is written to meanwhile, is not replaced, unless -o names the file itself; a link that is there is\n"
    "replaced, and followed only where -o names it.\n"
    "JSON: one FetchContentResponse a line, without the bytes; nothing with -o -.";

// A document that goes to a file of its own.
struct FilePlan {
  v1::Document document;
  std::string target;
  bool found = false;  // its name is the document's, and no person gave it
  client::ExpectedFile expected;
};

absl::StatusOr<FilePlan> PlanFile(const GetOptions& options, v1::Document document, FetchTargets& targets) {
  const std::string name =
      options.companion.empty() ? document.path().substr(document.path().rfind('/') + 1) : options.companion;
  if (options.out.empty() && (name.empty() || name.find('/') != std::string::npos || name == "..")) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "PATH_UNSAFE", "\"" + name + "\" is no file name");
  }
  std::string target = options.out.empty() ? name : options.out;
  std::error_code error;
  const bool folder = options.documents.size() > 1 && !options.out.empty();
  // A folder that happens to have the document's own name is not meant.
  const bool below = !options.out.empty() && (folder || target.back() == '/' || fs::is_directory(target, error));
  if (below) target = (fs::path(target) / name).string();
  const bool found = below || options.out.empty();
  client::ExpectedFile expected;
  if (found) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(expected, targets.AddFound(target, document));
  } else {
    GREFFE_CLIENT_RETURN_IF_ERROR(targets.Add(target, document));
  }
  return FilePlan{std::move(document), std::move(target), found, std::move(expected)};
}

absl::Status GetFile(Session& session, const GetOptions& options, const FilePlan& plan, const v1::AsOf& as_of) {
  const v1::Document& document = plan.document;
  v1::FetchContentRequest request;
  request.set_name(document.name());
  if (options.version > 0) request.set_name(document.name() + "/versions/" + std::to_string(options.version));
  if (options.released) request.set_name(document.name() + "/versions/released");
  if (!options.revision.empty()) request.set_name(document.name() + "/revisions/" + options.revision);
  if (as_of.moment_case() != v1::AsOf::MOMENT_NOT_SET) *request.mutable_as_of() = as_of;
  request.set_companion(options.companion);
  request.set_if_none_match(options.if_none_match);

  const bool to_stdout = options.out == "-";
  std::unique_ptr<client::AtomicFile> file;
  const client::ContentSink sink = [&](std::string_view data) -> absl::Status {
    if (!to_stdout) return file->Write(data);
    session.out().write(data.data(), static_cast<std::streamsize>(data.size()));
    return session.out().good() ? absl::OkStatus() : client::FromErrno(EIO, "write", "standard output");
  };
  if (!to_stdout) {
    // A link is followed where somebody named it: behind one that is found may lie anything, an edited file above all.
    GREFFE_CLIENT_ASSIGN_OR_RETURN(file, plan.found ? client::AtomicFile::Create(plan.target, plan.expected)
                                                    : client::AtomicFile::CreateOrOpen(plan.target));
  }
  // What is said of it would lie among its bytes.
  const bool is_quiet = to_stdout || file->IsStandardOutput();
  Progress progress(session, "get " + document.path(),
                    options.version == 0 ? document.latest_version().main_file().size() : 0);
  const auto response =
      client::FetchInto(session.client(), request, sink, [&](std::int64_t bytes) { progress.Update(bytes); });
  progress.Clear();
  if (!response.ok()) return response.status();
  if (to_stdout) {
    session.out().flush();
    return absl::OkStatus();
  }
  if (!response->not_modified()) GREFFE_CLIENT_RETURN_IF_ERROR(file->Commit());
  if (is_quiet) return absl::OkStatus();
  if (session.json()) {
    session.PrintJson(*response);
  } else if (response->not_modified()) {
    session.out() << Printable(document.path()) << " is not modified\n";
  } else {
    session.out() << Printable(plan.target) << "  version " << response->version().number() << ", "
                  << SizeText(response->file().size()) << "\n";
  }
  return absl::OkStatus();
}

bool IsFolderName(const std::string& name) { return name == "." || (!name.empty() && name.back() == '/'); }

// One thing that a run writes; planned first, so that nothing is written when something cannot be.
using PlannedWrite = std::function<absl::Status()>;

absl::StatusOr<PlannedWrite> PlanFolder(Session& session, const GetOptions& options, const std::string& name,
                                        const v1::AsOf& as_of, FetchTargets& targets) {
  const auto fetch =
      std::make_shared<FolderFetch>(session, FolderFetchOptions{.source = ProjectPath(name),
                                                                .target = options.out.empty() ? "." : options.out,
                                                                .strip = !options.out.empty(),
                                                                .released = options.released,
                                                                .as_of = as_of});
  GREFFE_CLIENT_RETURN_IF_ERROR(fetch->Plan(targets));
  if (!options.revision.empty() || !options.if_none_match.empty()) {
    return OptionInvalid("--revision and --if-none-match are for documents, and \"" + name + "\" is a folder");
  }
  return [fetch] { return fetch->Write(); };
}

absl::Status Get(Session& session, const GetOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::AsOf as_of, MomentOf(session, options.as_of));
  const bool file_only = options.version > 0 || !options.companion.empty() || options.out == "-";
  if (options.documents.size() > 1 && file_only) {
    return OptionInvalid("--version, --companion and -o - are for one document");
  }
  FetchTargets targets(session, options.force);
  std::vector<PlannedWrite> writes;
  for (const std::string& name : options.documents) {
    if (IsFolderName(name) && !file_only) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(writes.emplace_back(), PlanFolder(session, options, name, as_of, targets));
      continue;
    }
    absl::StatusOr<v1::Document> document = FindDocument(session, name, as_of);
    if (document.ok()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(FilePlan plan, PlanFile(options, *std::move(document), targets));
      writes.push_back([&, plan = std::move(plan)] { return GetFile(session, options, plan, as_of); });
      continue;
    }
    const std::string reason = client::ReasonOf(document.status());
    if (file_only || document.status().code() != absl::StatusCode::kNotFound || reason == "PROJECT_NOT_FOUND") {
      return document.status();
    }
    absl::StatusOr<PlannedWrite> folder = PlanFolder(session, options, name + "/", as_of, targets);
    if (client::ReasonOf(folder.status()) == "FOLDER_EMPTY") return document.status();
    GREFFE_CLIENT_ASSIGN_OR_RETURN(writes.emplace_back(), std::move(folder));
  }
  GREFFE_CLIENT_RETURN_IF_ERROR(targets.CheckEdits());
  if (options.documents.size() > 1 && !options.out.empty()) {
    std::error_code error;
    fs::create_directories(options.out, error);
    if (error) return client::FromErrno(error.value(), "make folder", options.out);
  }
  absl::Status first_failure;
  for (const PlannedWrite& write : writes) {
    const absl::Status status = write();
    if (status.ok()) continue;
    if (!IsOfOneFile(status)) return status;
    if (first_failure.ok()) {
      first_failure = status;
    } else {
      PrintError(session, status);
    }
  }
  return first_failure;
}

struct ExportOptions {
  std::string folder;
  std::string source;
  std::string as_of;
  bool force = false;
};

absl::Status Export(Session& session, const ExportOptions& options) {
  std::error_code error;
  if (!options.force && fs::exists(options.folder, error) && !fs::is_empty(options.folder, error)) {
    return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FOLDER_NOT_EMPTY",
                             "\"" + options.folder + "\" is not empty, and --force is not given");
  }
  FolderFetchOptions fetch{
      .source = ProjectPath(options.source), .target = options.folder, .strip = true, .released = false, .as_of = {}};
  GREFFE_CLIENT_ASSIGN_OR_RETURN(fetch.as_of, MomentOf(session, options.as_of));
  FetchTargets targets(session, options.force);  // without it the folder is empty, and stays what others write there
  FolderFetch folder(session, std::move(fetch));
  GREFFE_CLIENT_RETURN_IF_ERROR(folder.Plan(targets));
  return folder.Write();
}

}  // namespace

void AddGetCommand(Program& program) {
  Session& session = program.session;
  CLI::App* const get = program.app.add_subcommand("get", "Fetch contents: the latest version, or another");
  const auto options = std::make_shared<GetOptions>();
  get->footer(kGetFooter);
  get->add_option("DOCUMENT", options->documents, kDocumentHelp)->required();
  get->add_option("-o,--out", options->out, "Where to: a file, a folder, or - for standard output")
      ->type_name(kLocalPath);
  CLI::Option* const version =
      get->add_option("--version", options->version, "This version instead of the latest")->check(kFromOne);
  get->add_option("--companion", options->companion, "This rendition or attachment instead of the main file")
      ->check(kNotEmpty);
  CLI::Option* const released =
      get->add_flag("--released", options->released, "The released version instead of the latest")->excludes(version);
  get->add_option("--revision", options->revision, "The version with this revision code")
      ->check(kNotEmpty)
      ->excludes(version)
      ->excludes(released);
  AddAsOf(get, options->as_of)->excludes(version);
  get->add_option("--if-none-match", options->if_none_match, "Not if the content still has this etag (SHA-256)");
  get->add_flag("--force", options->force, "Also over files with a content that no version has");
  OnCall(program, get, [&session, options] { return Get(session, *options); });
}

void AddExportCommand(Program& program) {
  Session& session = program.session;
  CLI::App* const command = program.app.add_subcommand("export", "Write a project, as of any moment, to a folder");
  const auto options = std::make_shared<ExportOptions>();
  command->footer(
      "All files are of one moment; renditions and attachments too, as in git: FILE.renditions/NAME,\n"
      "FILE.attachments/NAME.\n"
      "JSON: one FetchContentResponse a line, without the bytes.");
  command->add_option("FOLDER", options->folder, "Local folder; must be empty or missing")
      ->required()
      ->type_name(kLocalPath);
  command->add_option("--below", options->source, "Only what lies below this folder of the project");
  AddAsOf(command, options->as_of);
  command->add_flag("--force", options->force, "Also into a folder that is not empty; its files are replaced");
  OnCall(program, command, [&session, options] { return Export(session, *options); });
}

}  // namespace greffe::cli
