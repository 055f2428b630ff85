// greffe import: histories and folders from elsewhere.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/import_git.h"
#include "clients/cli/putting.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct FolderOptions {
  std::string folder;
  std::string to;
  std::string type;
  std::vector<std::string> type_by;
  std::string comment;
  std::string on_bad_path = "fail";
  bool allow_older = false;
};

absl::Status ImportFolder(Session& session, const FolderOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(LocalFiles files, CollectFolder(options.folder, options.to));
  PutRules rules;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(rules.types, TypeRules::Parse(options.type_by, options.type));
  rules.comment = options.comment;
  rules.allow_older = options.allow_older;
  rules.skip_bad_paths = options.on_bad_path == "skip";
  return PutFiles(session, std::move(files), rules);
}

constexpr char kFolderFooter[] =
    "Left out are files with the content of an older version, or of a withdrawn document, and those of documents that\n"
    "somebody else has checked out, as of put (then the exit code is 4 when the others are in), those that are "
    "written\n"
    "to, or go, while they are read, or that cannot be read (then it is 1), and what get wrote of a document's\n"
    "companions.";

constexpr char kGitFooter[] =
    "Along the first-parent line of the ref, one source commit becomes one commit here, with its author, times and\n"
    "message; each file becomes a document, each change a version. Renames are followed, deletions are withdrawals.\n"
    "Run again, it goes on where it stopped and takes what is new. What cannot be kept (symbolic links, submodules,\n"
    "executable bits, refused names, times after 9999) is listed and counted on standard error.\n"
    "Needs git 2.31 or newer.\n"
    "GLOB: * within a folder, ** across folders; without '/' it is held against the file's name.\n"
    "JSON: one document with the counts and what was left out.";

}  // namespace

void AddImportCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const import = program.app.add_subcommand("import", "Take in a git history, or a folder");
  import->require_subcommand(1);

  CLI::App* const git = import->add_subcommand("git", "Import the history of a git repository or bundle");
  const auto history = std::make_shared<GitImport>();
  git->footer(kGitFooter);
  git->add_option("SOURCE", history->source, "Folder of a repository, a bundle file, or a URL that git clone takes")
      ->required()
      ->type_name(kLocalPath);
  git->add_option("--ref", history->ref, "Branch, tag or commit; default: HEAD, or the only branch");
  AddList(git, "--paths", history->paths, "GLOB of files to take; may be given several times; default: all");
  AddList(git, "--type-by", history->type_by, "GLOB=TYPE: document type by path; the first that fits");
  git->add_option("--type", history->type, "Document type of the others");
  git->add_option("--on-bad-path", history->on_bad_path, "What to do with a name that is refused: skip or fail")
      ->check(CLI::IsMember({"skip", "fail"}))
      ->capture_default_str();
  git->add_option("--source-id", history->source_id, "Name of the source, by which a later run finds it again");
  OnCall(program, git, [&session, history] { return ImportGit(session, *history); });

  CLI::App* const folder = import->add_subcommand("folder", "Import a folder tree as it is; JSON: as of put");
  const auto tree = std::make_shared<FolderOptions>();
  folder->footer(kFolderFooter);
  folder->add_option("FOLDER", tree->folder, "Local folder")
      ->required()
      ->type_name(kLocalPath)
      ->check(CLI::ExistingDirectory);
  folder->add_option("--to", tree->to, "Folder of the project to put it below");
  folder->add_option("--type", tree->type, "Document type of new documents");
  AddList(folder, "--type-by", tree->type_by, "GLOB=TYPE: type of new documents by path; the first that fits");
  folder->add_option("-m,--message", tree->comment, "What is said of it in the history");
  folder->add_option("--on-bad-path", tree->on_bad_path, "What to do with a name that is refused: skip or fail")
      ->check(CLI::IsMember({"skip", "fail"}))
      ->capture_default_str();
  folder->add_flag("--allow-older", tree->allow_older,
                   "Put also what has the content of an older version, or of a withdrawn document");
  OnCall(program, folder, [&session, tree] { return ImportFolder(session, *tree); });
}

}  // namespace greffe::cli
