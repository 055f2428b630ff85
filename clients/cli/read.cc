// greffe ls, show, log: what is registered.
#include "clients/cli/read.h"

#include <memory>

#include "clients/cli/attribute_values.h"
#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/moment.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct ListOptions {
  std::string folder;
  std::string filter;
  std::string type;
  std::string owner;
  std::string state = "active";
  std::string updated_since;
  std::vector<std::string> labels;
  std::string order_by;
  std::int64_t limit = 0;
  std::string as_of;
};

// `since`: the time of --updated-since.
absl::StatusOr<std::string> FilterOf(const ListOptions& options, const std::string& since, bool withdrawn) {
  std::vector<std::string> parts;
  if (!options.filter.empty()) parts.push_back(options.filter);
  std::string folder = ProjectPath(options.folder);
  if (!folder.empty()) {
    if (folder.back() != '/') folder += '/';
    parts.push_back("path : " + Quoted(folder));
  }
  if (!options.type.empty()) parts.push_back("type = " + Quoted(options.type));
  if (!options.owner.empty()) parts.push_back("owner = " + Quoted(options.owner));
  if (withdrawn) parts.push_back("state = WITHDRAWN");
  if (!since.empty()) parts.push_back("update_time >= " + Quoted(since));
  GREFFE_CLIENT_RETURN_IF_ERROR(
      ParsePairs(options.labels, "--label", [&](const std::string& key, const std::string& value) {
        parts.push_back("labels." + key + " = " + Quoted(value));
      }));
  std::string filter;
  for (const std::string& part : parts) filter += (filter.empty() ? "" : " AND ") + part;
  return filter;
}

// How far the latest version is, of a document that is active.
std::string LifeText(const v1::Document& document) {
  if (document.state() != v1::DOCUMENT_STATE_ACTIVE || document.latest_version().number() == 0) {
    return EnumText(document.state());
  }
  const v1::VersionState state = document.latest_version().state();
  return EnumText(state == v1::VERSION_STATE_UNSPECIFIED ? v1::VERSION_STATE_DRAFT : state);
}

absl::Status ListDocuments(Session& session, const ListOptions& options) {
  v1::ListDocumentsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_order_by(options.order_by);
  request.set_page_size(options.limit > 0 && options.limit < 1000 ? static_cast<int>(options.limit) : 1000);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string since, SinceOf(session, options.updated_since));
  Table table({"NUMBER", "VERSION", "TYPE", "STATE", "REVISION", "SIZE", "UPDATED", "PATH", "TITLE"});
  std::int64_t count = 0;
  const absl::Status enough = absl::CancelledError("enough");
  const auto print = [&](const v1::Document& document) {
    if (options.limit > 0 && count++ == options.limit) return enough;
    if (session.json()) {
      session.PrintJson(document);
      return absl::OkStatus();
    }
    const v1::Version& latest = document.latest_version();
    table.Add({IdOf(document.name()), latest.number() == 0 ? "-" : std::to_string(latest.number()), document.type(),
               LifeText(document), document.revision().empty() ? "-" : document.revision(),
               latest.number() == 0 ? "-" : SizeText(latest.main_file().size()), ShortTime(document.update_time()),
               document.path(), document.title()});
    return absl::OkStatus();
  };
  // A filter asks for one state: all of them are two listings of one moment.
  for (const bool withdrawn : {false, true}) {
    if (options.state == (withdrawn ? "active" : "withdrawn")) continue;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_filter(), FilterOf(options, since, withdrawn));
    const absl::StatusOr<std::int64_t> sequence = ForEachDocument(session, request, print);
    if (!sequence.ok() && sequence.status() != enough) return sequence.status();
    if (!sequence.ok()) break;
    request.clear_page_token();
    if (request.as_of().has_baseline()) break;  // holds no withdrawn documents
    if (*sequence > 0) request.mutable_as_of()->set_sequence(*sequence);
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

void AddVersion(Sheet& sheet, const v1::Version& version) {
  sheet.Add("Version", std::to_string(version.number()));
  sheet.Add("Version state", EnumText(version.state()));
  sheet.Add("Revision", version.revision());
  sheet.Add("Review", IdOf(version.review()));
  for (const v1::VersionTransition& step : version.transitions()) {
    sheet.Add("History", LongTime(step.time()) + "  " + EnumText(step.state()) + " by " + step.principal() +
                             (step.comment().empty() ? "" : ": " + step.comment()));
  }
  const v1::File& file = version.main_file();
  sheet.Add("File", file.file_name() + ", " + file.media_type() + ", " + std::to_string(file.size()) + " bytes");
  sheet.Add("SHA-256", file.sha256());
  sheet.Add("Blob", file.oid());
  for (const v1::File& companion : version.companions()) {
    sheet.Add(companion.role() == v1::FILE_ROLE_RENDITION ? "Rendition" : "Attachment",
              companion.file_name() + ", " + companion.media_type() + ", " + std::to_string(companion.size()) +
                  " bytes, " + companion.sha256());
  }
  sheet.Add("Manifest", version.manifest_sha256());
  sheet.Add("Author", version.author().display_name().empty()
                          ? version.author().id()
                          : version.author().display_name() + " <" + version.author().id() + ">");
  sheet.Add("Made", LongTime(version.author_time()));
  sheet.Add("Recorded", LongTime(version.record_time()));
  if (version.imported()) sheet.Add("Imported", "yes: author and time are what the source says");
  sheet.Add("Comment", version.comment());
  sheet.Add("Sequence", std::to_string(version.sequence()));
  sheet.Add("Commit", version.commit());
}

struct ShowOptions {
  std::string document;
  std::int64_t version = 0;
  std::string as_of;
};

absl::Status ShowDocument(Session& session, const ShowOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::AsOf as_of, MomentOf(session, options.as_of));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document, as_of));
  if (options.version == 0) {
    PrintDocument(session, document);
    return absl::OkStatus();
  }
  v1::GetVersionRequest request;
  request.set_name(document.name() + "/versions/" + std::to_string(options.version));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Version version, session.client().GetVersion(request));
  if (session.json()) {
    session.PrintJson(version);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("Document", IdOf(document.name()));
  AddVersion(sheet, version);
  sheet.Print(session);
  return absl::OkStatus();
}

struct LogOptions {
  std::string document;
  std::int64_t limit = 0;
  std::string as_of;
};

absl::Status Log(Session& session, const LogOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::AsOf as_of, MomentOf(session, options.as_of));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document, as_of));
  v1::ListVersionsRequest request;
  request.set_parent(document.name());
  request.set_page_size(options.limit > 0 && options.limit < 1000 ? static_cast<int>(options.limit) : 1000);
  if (!options.as_of.empty()) *request.mutable_as_of() = as_of;
  Table table({"VERSION", "STATE", "REVISION", "TIME", "AUTHOR", "SIZE", "COMMIT", "COMMENT"});
  std::int64_t count = 0;
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListVersionsResponse page, session.client().ListVersions(request));
    for (const v1::Version& version : page.versions()) {
      if (options.limit > 0 && count++ == options.limit) break;
      if (session.json()) {
        session.PrintJson(version);
        continue;
      }
      table.Add({std::to_string(version.number()), EnumText(version.state()),
                 version.revision().empty() ? "-" : version.revision(), ShortTime(version.author_time()),
                 PrincipalText(version.author()), SizeText(version.main_file().size()), version.commit().substr(0, 10),
                 FirstLine(version.comment())});
    }
    if (page.next_page_token().empty() || (options.limit > 0 && count >= options.limit)) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

}  // namespace

void PrintDocument(Session& session, const v1::Document& document) {
  if (session.json()) {
    session.PrintJson(document);
    return;
  }
  Sheet sheet;
  sheet.Add("Document", IdOf(document.name()));
  sheet.Add("Title", document.title());
  sheet.Add("Type", document.type());
  sheet.Add("Path", document.path());
  sheet.Add("State", EnumText(document.state()));
  if (document.released_version() > 0) {
    sheet.Add("Released",
              "version " + std::to_string(document.released_version()) + ", revision " + document.revision());
  }
  sheet.Add("Owner", document.owner());
  sheet.Add("Made from", document.template_());
  for (const std::string& number : document.alternate_numbers()) sheet.Add("Also", number);
  for (const auto& [key, value] :
       std::map<std::string, std::string>(document.labels().begin(), document.labels().end())) {
    sheet.Add("Label", key + "=" + value);
  }
  for (const auto& [key, value] :
       std::map<std::string, v1::AttributeValue>(document.attributes().begin(), document.attributes().end())) {
    sheet.Add("Attribute", key + "=" + AttributeText(value));
  }
  sheet.Add("Confidentiality", document.confidentiality());
  sheet.Add("Retention", document.retention_class());
  sheet.Add("Created", LongTime(document.create_time()));
  sheet.Add("Updated", LongTime(document.update_time()));
  sheet.Add("Etag", document.etag());
  if (document.has_latest_version()) AddVersion(sheet, document.latest_version());
  sheet.Print(session);
}

void AddReadCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const ls = program.app.add_subcommand("ls", "List documents; JSON: one Document a line");
  const auto listing = std::make_shared<ListOptions>();
  ls->add_option("FOLDER", listing->folder, "Only what lies below this folder");
  ls->add_option("--filter", listing->filter, "AIP-160 filter: type = \"minutes\" AND labels.phase = \"2\"");
  ls->add_option("--type", listing->type, "Only this document type");
  ls->add_option("--owner", listing->owner, "Only documents of this principal id");
  AddList(ls, "--label", listing->labels, "KEY=VALUE; may be given several times");
  ls->add_option("--state", listing->state, "active, withdrawn or all")
      ->check(CLI::IsMember({"active", "withdrawn", "all"}))
      ->capture_default_str();
  ls->add_option("--updated-since", listing->updated_since,
                 "A time (RFC 3339), or a date: from its midnight on in the project's time zone");
  ls->add_option("--order-by", listing->order_by, "number, path, title, update_time, create_time; 'desc' after it");
  ls->add_option("-n,--limit", listing->limit, "At most so many")->check(kFromOne);
  AddAsOf(ls, listing->as_of);
  OnCall(program, ls, [&session, listing] { return ListDocuments(session, *listing); });

  CLI::App* const show =
      program.app.add_subcommand("show", "Show a document or one of its versions; JSON: Document or Version");
  const auto shown = std::make_shared<ShowOptions>();
  show->add_option("DOCUMENT", shown->document, kDocumentHelp)->required();
  CLI::Option* const number = show->add_option("--version", shown->version, "This version")->check(kFromOne);
  AddAsOf(show, shown->as_of)->excludes(number);
  OnCall(program, show, [&session, shown] { return ShowDocument(session, *shown); });

  CLI::App* const log =
      program.app.add_subcommand("log", "List the versions of a document, newest first; JSON: one Version a line");
  const auto logged = std::make_shared<LogOptions>();
  log->add_option("DOCUMENT", logged->document, kDocumentHelp)->required();
  log->add_option("-n,--limit", logged->limit, "At most so many")->check(kFromOne);
  AddAsOf(log, logged->as_of);
  OnCall(program, log, [&session, logged] { return Log(session, *logged); });
}

}  // namespace greffe::cli
