// greffe trace: links, and where they come from.
#include <memory>
#include <set>

#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/link_text.h"
#include "clients/cli/moment.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cli/trace_views.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct TraceOptions {
  std::string link;
  std::string type;
  std::string from;
  std::string to;
  std::string message;
  std::string etag;
  std::string document;
  std::string state;
  std::string filter;
  std::string as_of;
  bool csv = false;
  bool dry_run = false;
};

absl::StatusOr<std::string> LinkName(Session& session, const std::string& link) {
  if (link.starts_with("projects/")) return link;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
  return parent + "/links/" + link;
}

void PrintLink(Session& session, const std::string& what, const v1::Link& link) {
  if (session.json()) {
    session.PrintJson(link);
    return;
  }
  session.out() << what << "  " << IdOf(link.name()) << "  " << Printable(LinkEndText(link.from(), link.from_anchor()))
                << " " << EnumText(link.type()) << " " << Printable(LinkEndText(link.to(), link.to_anchor())) << "  "
                << EnumText(link.state()) << "\n";
}

absl::Status CreateLink(Session& session, const TraceOptions& options) {
  v1::CreateLinkRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  v1::Link& link = *request.mutable_link();
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::LinkType type, ParseLinkType(options.type));
  link.set_type(type);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const LinkEndName from, FindLinkEnd(session, options.from));
  link.set_from(from.name);
  link.set_from_anchor(from.anchor);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const LinkEndName to, FindLinkEnd(session, options.to));
  link.set_to(to.name);
  link.set_to_anchor(to.anchor);
  link.set_rationale(options.message);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Link made, session.client().CreateLink(request));
  PrintLink(session, "linked", made);
  return absl::OkStatus();
}

std::string AllOf(const std::vector<std::string>& parts) {
  std::string filter;
  for (const std::string& part : parts) filter += (filter.empty() ? "" : " AND ") + part;
  return filter;
}

absl::Status ListLinks(Session& session, const TraceOptions& options) {
  v1::ListLinksRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1000);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  std::vector<std::string> parts;
  if (!options.filter.empty()) parts.push_back(options.filter);
  if (!options.state.empty()) parts.push_back("state = " + Quoted(options.state));
  if (!options.type.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::LinkType type, ParseLinkType(options.type));
    parts.push_back("type = " + Quoted(v1::LinkType_Name(type).substr(std::string("LINK_TYPE_").size())));
  }
  std::vector<std::string> filters = {AllOf(parts)};
  if (!options.document.empty()) {
    // A filter's terms must all hold: the links of both directions are two listings of one moment, and those of a
    // document's versions two more.
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const LinkEndName end, FindLinkEnd(session, options.document, request.as_of()));
    const std::string documents = request.parent() + "/documents/";
    const bool whole = end.anchor.empty() && end.name.starts_with(documents) &&
                       end.name.find('/', documents.size()) == std::string::npos;
    filters.clear();
    for (const std::string side : {"from", "to"}) {
      std::vector<std::string> all = parts;
      all.push_back(side + " = " + Quoted(end.name));
      if (!end.anchor.empty()) all.push_back(side + "_anchor = " + Quoted(end.anchor));
      filters.push_back(AllOf(all));
      if (!whole) continue;
      all.back() = side + " : " + Quoted(end.name + "/versions/");
      filters.push_back(AllOf(all));
    }
  }
  Table table({"LINK", "FROM", "TYPE", "TO", "STATE", "SINCE", "RATIONALE"});
  std::int64_t sequence = 0;     // of the first listing
  std::set<std::string> listed;  // links that have both ends there come in two listings
  for (const std::string& filter : filters) {
    request.set_filter(filter);
    request.clear_page_token();
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    while (true) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListLinksResponse page, session.client().ListLinks(request));
      for (const v1::Link& link : page.links()) {
        if (filters.size() > 1 && !listed.insert(link.name()).second) continue;
        if (session.json()) {
          session.PrintJson(link);
          continue;
        }
        table.Add({IdOf(link.name()), LinkEndText(link.from(), link.from_anchor()), EnumText(link.type()),
                   LinkEndText(link.to(), link.to_anchor()), EnumText(link.state()), ShortTime(link.state_time()),
                   FirstLine(link.rationale())});
      }
      // Not in the request yet: the next page's must be as this one's.
      sequence = page.sequence();
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
  }
  if (session.json()) return absl::OkStatus();
  if (options.csv) {
    table.PrintCsv(session);
  } else {
    table.Print(session);
  }
  return absl::OkStatus();
}

absl::Status ShowLink(Session& session, const TraceOptions& options) {
  v1::GetLinkRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), LinkName(session, options.link));
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Link link, session.client().GetLink(request));
  if (session.json()) {
    session.PrintJson(link);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("Link", IdOf(link.name()));
  sheet.Add("From", LinkEndText(link.from(), link.from_anchor()) + " (" + EnumText(link.from_state()) + ")");
  sheet.Add("Type", EnumText(link.type()));
  sheet.Add("To", LinkEndText(link.to(), link.to_anchor()) + " (" + EnumText(link.to_state()) + ")");
  sheet.Add("State", EnumText(link.state()) + " since " + LongTime(link.state_time()));
  sheet.Add("Rationale", link.rationale());
  sheet.Add("Origin", link.origin());
  for (const v1::LinkConfirmation& look : link.confirmations()) {
    sheet.Add(look.previous_ends().empty() ? "Confirmed" : "Re-pointed",
              LongTime(look.time()) + " by " + look.principal() + ": " + look.reason() +
                  (look.previous_ends().empty() ? "" : " (was " + look.previous_ends() + ")"));
  }
  sheet.Add("Created", LongTime(link.create_time()));
  sheet.Add("Last modifier", PrincipalText(link.last_modifier()));
  sheet.Add("Etag", link.etag());
  sheet.Print(session);
  return absl::OkStatus();
}

absl::Status Confirm(Session& session, const TraceOptions& options) {
  v1::ConfirmLinkRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), LinkName(session, options.link));
  request.set_reason(options.message);
  request.set_etag(options.etag);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Link link, session.client().ConfirmLink(request));
  PrintLink(session, "confirmed", link);
  return absl::OkStatus();
}

absl::Status Repoint(Session& session, const TraceOptions& options) {
  v1::RepointLinkRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), LinkName(session, options.link));
  if (!options.from.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const LinkEndName from, FindLinkEnd(session, options.from));
    request.set_from(from.name);
    request.set_from_anchor(from.anchor);
  }
  if (!options.to.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const LinkEndName to, FindLinkEnd(session, options.to));
    request.set_to(to.name);
    request.set_to_anchor(to.anchor);
  }
  request.set_reason(options.message);
  request.set_etag(options.etag);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Link link, session.client().RepointLink(request));
  PrintLink(session, "re-pointed", link);
  return absl::OkStatus();
}

absl::Status Delete(Session& session, const TraceOptions& options) {
  v1::DeleteLinkRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), LinkName(session, options.link));
  request.set_reason(options.message);
  request.set_etag(options.etag);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Link link, session.client().DeleteLink(request));
  PrintLink(session, "deleted", link);
  return absl::OkStatus();
}

absl::Status Scan(Session& session, const TraceOptions&) {
  std::int64_t documents = 0;
  std::int64_t anchors = 0;
  while (true) {
    v1::ScanAnchorsRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ScanAnchorsResponse scanned, session.client().ScanAnchors(request));
    documents += scanned.documents_scanned();
    anchors += scanned.anchors_found();
    if (session.json()) session.PrintJson(scanned);
    if (!scanned.more()) break;
    if (scanned.documents_scanned() == 0) {
      session.Note("more documents wait: they, or the rule, change meanwhile; scan again");
      break;
    }
  }
  if (!session.json()) session.out() << "scanned  " << documents << " documents  " << anchors << " anchors\n";
  return absl::OkStatus();
}

absl::Status ImportLinks(Session& session, const TraceOptions& options) {
  v1::ImportFrontMatterLinksRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_filter(options.filter);
  request.set_validate_only(options.dry_run);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ImportFrontMatterLinksResponse imported,
                                 session.client().ImportFrontMatterLinks(request));
  if (session.json()) {
    session.PrintJson(imported);
    return absl::OkStatus();
  }
  Table table({"DOCUMENT", "KEY", "VALUE", "REASON", "DETAIL"});
  for (const v1::FrontMatterSkip& skip : imported.skipped()) {
    table.Add({IdOf(skip.document()), skip.key(), skip.value(), skip.reason(), FirstLine(skip.detail())});
  }
  if (options.csv) {
    table.PrintCsv(session);
    return absl::OkStatus();
  }
  if (imported.skipped_size() > 0) table.Print(session);
  session.out() << imported.values_found() << " values: " << imported.links_created()
                << (options.dry_run ? " links would be made, " : " links made, ") << imported.links_existing()
                << " there already, " << imported.skipped_count() << " not made\n";
  return absl::OkStatus();
}

}  // namespace

void AddTraceCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const trace = program.app.add_subcommand("trace", "Links between documents, requirements and deliverables");
  trace->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, absl::Status (*run)(Session&, const TraceOptions&)) {
    CLI::App* const command = trace->add_subcommand(name, help);
    const auto options = std::make_shared<TraceOptions>();
    OnCall(program, command, [&session, options, run] { return run(session, *options); });
    return std::make_pair(command, options.get());
  };
  const auto add_link = [](CLI::App* command, TraceOptions& options) {
    command->add_option("LINK", options.link, "Id of a link, such as LNK-0001")->required();
  };
  const auto add_change = [&](CLI::App* command, TraceOptions& options, bool reason_required) {
    add_link(command, options);
    CLI::Option* const message = command->add_option("-m,--message", options.message, "Why, for the history");
    if (reason_required) message->required();
    command->add_option("--etag", options.etag, "Only if this is the link's etag")->check(kNotEmpty);
  };

  const auto [link, link_options] = add("link", "Link two things; JSON: Link", CreateLink);
  link->add_option("FROM", link_options->from, kLinkEndHelp)->required();
  link->add_option("TYPE", link_options->type,
                   "satisfies, verifies, derives-from, implements, supersedes, evidences or relates-to")
      ->required();
  link->add_option("TO", link_options->to, kLinkEndHelp)->required();
  link->add_option("-m,--message", link_options->message, "Rationale");

  const auto [list, list_options] = add("ls", "List links; JSON: one Link a line", ListLinks);
  list->add_option("THING", list_options->document,
                   "Only those of this thing, from it and to it; of a document also those of its versions");
  list->add_option("--state", list_options->state, "valid, suspect or broken")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, std::string>{{"valid", "VALID"}, {"suspect", "SUSPECT"}, {"broken", "BROKEN"}}));
  list->add_option("--type", list_options->type, "Links of this type");
  list->add_option("--filter", list_options->filter, "AIP-160 filter");
  list->add_flag("--csv", list_options->csv, "As comma-separated values (RFC 4180)");
  AddAsOf(list, list_options->as_of);

  const auto [show, show_options] = add("show", "Show a link; JSON: Link", ShowLink);
  add_link(show, *show_options);
  AddAsOf(show, show_options->as_of);

  const auto [confirm, confirm_options] =
      add("confirm", "Say that a suspect link holds with its ends as they are now; JSON: Link", Confirm);
  add_change(confirm, *confirm_options, true);

  const auto [repoint, repoint_options] = add("repoint", "Make a link end elsewhere; JSON: Link", Repoint);
  add_change(repoint, *repoint_options, true);
  repoint->add_option("--from", repoint_options->from, kLinkEndHelp);
  repoint->add_option("--to", repoint_options->to, kLinkEndHelp);

  const auto [remove, remove_options] = add("rm", "Delete a link; history keeps it; JSON: Link", Delete);
  add_change(remove, *remove_options, false);

  AddTraceViews(program, trace);
  add("scan", "Find the anchors of documents that were not looked at yet; JSON: ScanAnchorsResponse", Scan);

  const auto [import, import_options] =
      add("import", "Make links from front matter, by the project's rule; JSON: ImportFrontMatterLinksResponse",
          ImportLinks);
  import->add_option("--filter", import_options->filter, "Only of documents that match this AIP-160 filter");
  import->add_flag("--dry-run", import_options->dry_run, "Only tell what would be made");
  import->add_flag("--csv", import_options->csv, "What was not made, as comma-separated values (RFC 4180)");
}

}  // namespace greffe::cli
