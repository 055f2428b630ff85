// greffe put: documents and their versions, from local files.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/documents_at.h"
#include "clients/cli/find_version.h"
#include "clients/cli/lost_companions.h"
#include "clients/cli/progress.h"
#include "clients/cli/putting.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/check_in.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct PutOptions {
  std::vector<std::string> files;
  std::string to;
  std::string document;
  std::string number;
  std::string title;
  std::string type;
  std::vector<std::string> type_by;
  std::string owner;
  std::vector<std::string> labels;
  std::string comment;
  std::vector<std::string> renditions;
  std::vector<std::string> attachments;
  std::string media_type;
  std::string etag;
  std::int64_t expected_version = 0;
  bool allow_identical = false;
  bool allow_older = false;

  // True for what can be said of one document only.
  bool single() const {
    return !document.empty() || !number.empty() || !title.empty() || !renditions.empty() || !attachments.empty() ||
           !media_type.empty() || !etag.empty() || expected_version != 0;
  }
  // What can be said of a new document only.
  bool new_only() const { return !number.empty() || !title.empty(); }
  // The caller did not say that he knows which version is the latest.
  bool may_take_back() const { return !allow_identical && !allow_older && etag.empty() && expected_version == 0; }
};

constexpr char kPutFooter[] =
    "A FILE becomes a document, or a new version of the document at its path. Its path is its name as given when that\n"
    "lies inside the current folder, else its last part; --to gives another. Of a folder, everything in it, in as few\n"
    "commits as the limits allow (1,000 files each, 100 of them as uploads). Files whose content is that of the "
    "latest\n"
    "version are not sent.\n"
    "One with the content of an older version, which would take back what others made since, is refused unless\n"
    "--allow-older, --allow-identical, --etag or --expected-version is given; restore makes an older version the "
    "latest.\n"
    "So is, without the first two, one with a content that a withdrawn document had at its path. Of several files "
    "such\n"
    "are left out, as what somebody else has checked out is, and the exit code is 4 when the others are in; of one\n"
    "that is written to, or goes, while it is read, or cannot be read, it is 1. What get wrote of a document's "
    "companions\n"
    "(FILE.renditions/NAME, FILE.attachments/NAME beside FILE) is left out too.\n"
    "JSON: one CheckInResponse a line, for each file; {\"skipped\": {\"path\", \"reason\", \"detail\"}} for each that "
    "is left\n"
    "out.";

// `as_new`: whatever lies at the path by now, a new document is asked for.
absl::Status PutOne(Session& session, const LocalFile& file, const PutOptions& options, v1::Document fields,
                    bool as_new) {
  v1::CheckInRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_request_id(session.request_id);  // of each attempt: one that was refused leaves nothing
  request.set_comment(options.comment);
  v1::CheckInItem& item = *request.mutable_item();
  item.set_etag(options.etag);
  item.set_expected_version(options.expected_version);
  item.set_allow_identical(options.allow_identical);
  v1::Document former;  // what gets a version; without a name: there is none
  if (!options.document.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(former, FindDocument(session, options.document));
  } else if (!as_new) {
    v1::LookupDocumentRequest lookup;
    lookup.set_parent(request.parent());
    lookup.set_path(file.path);
    absl::StatusOr<v1::Document> found = session.client().LookupDocument(lookup);
    const bool missing = absl::IsNotFound(found.status()) && client::ReasonOf(found.status()) != "PROJECT_NOT_FOUND";
    if (!found.ok() && !missing) return found.status();
    if (found.ok()) former = *std::move(found);
  }
  item.set_document(former.name());
  if (former.name().empty()) {
    fields.set_path(file.path);
    fields.set_title(options.title);
    *item.mutable_new_document() = std::move(fields);
    item.set_document_id(options.number);
  } else if (options.new_only()) {
    return client::MakeError(absl::StatusCode::kAlreadyExists, "DOCUMENT_EXISTS",
                             "\"" + IdOf(item.document()) + "\" exists: --number and --title are for a new document");
  }
  std::vector<std::unique_ptr<client::ContentSource>> contents;
  std::vector<client::PendingFile> files;
  const auto attach = [&](v1::FileSource* place, const std::string& path) -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(auto content, client::FileContent::Open(path));
    files.push_back({place, content.get()});
    contents.push_back(std::move(content));
    return absl::OkStatus();
  };
  item.mutable_main_file()->set_media_type(options.media_type);
  GREFFE_CLIENT_RETURN_IF_ERROR(attach(item.mutable_main_file(), file.local));
  for (const auto& [role, paths] : {std::make_pair(v1::FILE_ROLE_RENDITION, &options.renditions),
                                    std::make_pair(v1::FILE_ROLE_ATTACHMENT, &options.attachments)}) {
    for (const std::string& path : *paths) {
      v1::FileSource* const companion = item.add_companions();
      companion->set_role(role);
      companion->set_file_name(Normalized(path.substr(path.rfind('/') + 1)));
      GREFFE_CLIENT_RETURN_IF_ERROR(attach(companion, path));
    }
  }
  if (former.name().empty() && !as_new && !options.new_only() && options.may_take_back()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto all, FindWithdrawnAt(session, request.parent(), {file.path}));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document* const withdrawn,
                                   FindWithdrawnWith(session, all, file.path, *contents.front()));
    if (withdrawn != nullptr) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto done, VersionOfThisRequest(session, *withdrawn, *contents.front()));
      if (!done) return Withdrawn(file.path, *withdrawn);
    }
  }
  if (options.may_take_back()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::int64_t older, OlderVersionWith(session, former, *contents.front()));
    if (older > 0) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto done, VersionOfThisRequest(session, former, *contents.front()));
      if (!done) return OlderVersion(file.path, former, older);  // what was done, the server answers again
    }
  }
  std::int64_t bytes = 0;
  for (const auto& one : files) bytes += one.content->size();
  if (bytes > session.client().options().inline_limit) {
    GREFFE_CLIENT_RETURN_IF_ERROR(RefuseRequestId(
        session, "contents of " + std::to_string(bytes) + " bytes are uploaded, each time as another upload"));
  }
  Progress progress(session, "put " + file.path, bytes);
  const auto response =
      client::CheckInContents(session.client(), request, files, [&](std::int64_t moved) { progress.Update(moved); });
  progress.Clear();
  if (!response.ok()) return response.status();
  if (!response->unchanged()) NoteLostCompanions(session, former.latest_version(), response->document());
  if (session.json()) {
    session.PrintJson(*response);
    return absl::OkStatus();
  }
  const v1::Document& document = response->document();
  Table table({"RESULT", "NUMBER", "VERSION", "PATH"});
  table.Add({response->unchanged()     ? "unchanged"
             : item.has_new_document() ? "created"
                                       : "checked in",
             IdOf(document.name()), std::to_string(document.latest_version().number()), document.path()});
  table.Print(session);
  return absl::OkStatus();
}

absl::Status Put(Session& session, const PutOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(LocalFiles files, CollectFiles(options.files, options.to));
  PutRules rules;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(rules.types, TypeRules::Parse(options.type_by, options.type));
  rules.comment = options.comment;
  rules.allow_identical = options.allow_identical;
  rules.allow_older = options.allow_older;
  rules.one_named = options.files.size() == 1 && files.files.size() == 1 && files.files[0].local == options.files[0];
  rules.fields.set_owner(options.owner);
  GREFFE_CLIENT_RETURN_IF_ERROR(ParsePairs(
      options.labels, "--label",
      [&](const std::string& key, const std::string& value) { (*rules.fields.mutable_labels())[key] = value; }));
  if (!options.single()) return PutFiles(session, std::move(files), rules);
  if (files.files.size() != 1 || !files.skipped.empty()) {
    return OptionInvalid(
        "--document, --number, --title, --rendition, --attachment, --media-type, --etag and "
        "--expected-version are for one file");
  }
  GREFFE_CLIENT_RETURN_IF_ERROR(CheckUtf8(files.files[0]));
  rules.fields.set_type(rules.types.TypeOf(files.files[0].path));
  const auto put = [&](bool as_new) { return PutOne(session, files.files[0], options, rules.fields, as_new); };
  // Given again with its request id, it asks for the same as the first time, be the document there by now.
  if (options.new_only() && options.document.empty() && !session.request_id.empty()) return put(true);
  const absl::Status status = put(false);
  const std::string reason = client::ReasonOf(status);
  if (reason == "REQUEST_ID_REUSED" && options.document.empty()) return put(true);
  // Somebody else may have made the document after it was looked for. If so it is found now, otherwise the path clashes
  // with another, and this ends in the same way.
  return reason == "PATH_TAKEN" && !options.new_only() ? put(false) : status;
}

}  // namespace

void AddPutCommand(Program& program) {
  Session& session = program.session;
  CLI::App* const put = program.app.add_subcommand("put", "Check files in: new documents, or new versions");
  const auto options = std::make_shared<PutOptions>();
  put->footer(kPutFooter);
  put->add_option("FILE", options->files, "Files and folders")->required()->type_name(kLocalPath);
  CLI::Option* const to = put->add_option("--to", options->to, "Path in the project; a folder when it ends with '/'");
  put->add_option("-m,--message", options->comment, "What changed, for the history");
  put->add_option("--type", options->type, "Document type of new documents");
  AddList(put, "--type-by", options->type_by, "GLOB=TYPE: type of new documents by path; the first that fits");
  put->add_option("--owner", options->owner, "Principal id of the owner of new documents");
  AddList(put, "--label", options->labels, "KEY=VALUE for new documents; may be given several times");
  put->add_option("--document", options->document, "Check in to this document, whatever the file's name")
      ->check(kNotEmpty)
      ->excludes(to);
  put->add_option("--number", options->number, "Number of the new document");
  put->add_option("--title", options->title, "Title of the new document");
  AddList(put, "--rendition", options->renditions, "The same in another form, kept beside it; several times")
      ->type_name(kLocalPath);
  AddList(put, "--attachment", options->attachments, "What goes with it; may be given several times")
      ->type_name(kLocalPath);
  put->add_option("--media-type", options->media_type, "IANA media type; default: told from name and content");
  put->add_option("--etag", options->etag, "Only if this is the document's etag")->check(kNotEmpty);
  put->add_option("--expected-version", options->expected_version, "Only if this is the latest version");
  put->add_flag("--allow-identical", options->allow_identical,
                "Make a version even if its content is that of the latest or an older one");
  put->add_flag("--allow-older", options->allow_older,
                "Put also what has the content of an older version, or of a withdrawn document");
  OnCall(program, put, [&session, options] { return Put(session, *options); });
}

}  // namespace greffe::cli
