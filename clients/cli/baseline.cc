// greffe baseline create, ls, show, files, compare: frozen sets of documents.
#include <memory>

#include "clients/cli/document_ref.h"
#include "clients/cli/print_diff.h"
#include "clients/cli/record_commands.h"
#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

constexpr char kBaselines[] = "baselines";

struct BaselineOptions {
  std::string id;
  std::string target;
  std::string title;
  std::string kind;
  std::string reason;
  std::string folder;
  std::string type;
  std::vector<std::string> documents;
  std::string as_of;
  bool released = false;
  bool diff = false;
  bool records = false;
};

std::string ScopeText(const v1::BaselineScope& scope) {
  switch (scope.documents_case()) {
    case v1::BaselineScope::kFolder:
      return scope.folder() + "/";
    case v1::BaselineScope::kType:
      return "type " + scope.type();
    case v1::BaselineScope::kList:
      return "list of " + std::to_string(scope.list().documents_size());
    case v1::BaselineScope::DOCUMENTS_NOT_SET:
      break;
  }
  return "project";
}

void AddBaselineLines(Sheet& sheet, const v1::Baseline& baseline) {
  sheet.Add("Baseline", IdOf(baseline.name()));
  sheet.Add("Title", baseline.title());
  sheet.Add("Kind", baseline.kind());
  sheet.Add("Reason", baseline.reason());
  sheet.Add("Holds", std::to_string(baseline.document_count()) + " documents, " + SizeText(baseline.content_bytes()));
  sheet.Add("Scope", ScopeText(baseline.scope()) + ", " + EnumText(baseline.selection()) + " versions");
  if (baseline.omitted_count() > 0) {
    sheet.Add("Left out", std::to_string(baseline.omitted_count()) + " documents without such a version");
  }
  sheet.Add("Frozen", "sequence " + std::to_string(baseline.frozen_sequence()));
  sheet.Add("Made", LongTime(baseline.create_time()) + " by " + PrincipalText(baseline.last_modifier()));
  sheet.Add("Git tag", baseline.tag());
}

absl::Status CreateBaseline(Session& session, const BaselineOptions& options) {
  v1::CreateBaselineRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_baseline_id(options.id);
  v1::Baseline& baseline = *request.mutable_baseline();
  baseline.set_title(options.title);
  baseline.set_kind(options.kind);
  baseline.set_reason(options.reason);
  if (options.released) baseline.set_selection(v1::BASELINE_SELECTION_RELEASED);
  std::string folder = ProjectPath(options.folder);
  if (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (!folder.empty()) baseline.mutable_scope()->set_folder(folder);
  if (!options.type.empty()) baseline.mutable_scope()->set_type(options.type);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  for (const std::string& text : options.documents) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, text, request.as_of()));
    baseline.mutable_scope()->mutable_list()->add_documents(document.name());
  }
  return PrintRecord(session, session.client().CreateBaseline(request), AddBaselineLines);
}

absl::Status ListBaselines(Session& session, const BaselineOptions& options) {
  v1::ListBaselinesRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1000);
  request.set_order_by("create_time");
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  if (!options.kind.empty()) request.set_filter("kind = " + Quoted(options.kind));
  return PrintList(
      session, request, 0,
      Table({"BASELINE", "KIND", "DOCUMENTS", "SCOPE", "VERSIONS", "FROZEN", "MADE", "BY", "TITLE"}),
      [&session](const auto& page) { return session.client().ListBaselines(page); },
      [](const auto& page) -> const auto& { return page.baselines(); },
      [](const v1::Baseline& baseline) -> std::vector<std::string> {
        return {IdOf(baseline.name()),
                baseline.kind(),
                std::to_string(baseline.document_count()),
                ScopeText(baseline.scope()),
                EnumText(baseline.selection()),
                std::to_string(baseline.frozen_sequence()),
                ShortTime(baseline.create_time()),
                PrincipalText(baseline.last_modifier()),
                baseline.title()};
      });
}

absl::Status Files(Session& session, const BaselineOptions& options) {
  v1::ListBaselineDocumentsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), RecordNameOf(session, kBaselines, options.id));
  request.set_page_size(1000);
  return PrintList(
      session, request, 0, Table({"NUMBER", "VERSION", "STATE", "REVISION", "PATH"}),
      [&session](const auto& page) { return session.client().ListBaselineDocuments(page); },
      [](const auto& page) -> const auto& { return page.documents(); },
      [](const v1::BaselineDocument& document) -> std::vector<std::string> {
        return {document.number(), std::to_string(document.version()), EnumText(document.state()),
                document.revision().empty() ? "-" : document.revision(), document.path()};
      });
}

// "1 -> 2", or the one that is there.
std::string FromTo(const std::string& before, const std::string& after) {
  if (before.empty() || before == after) return after.empty() ? "-" : after;
  return before + " -> " + (after.empty() ? "-" : after);
}

std::string FrozenVersion(const v1::BaselineDocument& document) {
  if (document.version() == 0) return "";
  return std::to_string(document.version()) + (document.revision().empty() ? "" : " (" + document.revision() + ")");
}

absl::Status CompareRecords(Session& session, const std::string& base, const std::string& target) {
  v1::CompareBaselineRecordsRequest request;
  request.set_base(base);
  request.set_target(target);
  request.set_page_size(1000);
  Table table({"CHANGE", "RECORD", "STATE", "FIELDS"});
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::CompareBaselineRecordsResponse page,
                                   session.client().CompareBaselineRecords(request));
    for (const v1::RecordDifference& difference : page.differences()) {
      if (session.json()) {
        session.PrintJson(difference);
        continue;
      }
      std::string fields;
      for (const std::string& field : difference.fields()) fields += (fields.empty() ? "" : ", ") + field;
      table.Add({EnumText(difference.kind()), difference.record().substr(difference.record().find('/', 9) + 1),
                 FromTo(difference.base_state(), difference.target_state()), fields});
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

absl::Status Compare(Session& session, const BaselineOptions& options) {
  v1::CompareBaselinesRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_base(), RecordNameOf(session, kBaselines, options.id));
  if (!options.target.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_target(), RecordNameOf(session, kBaselines, options.target));
  }
  if (options.records) return CompareRecords(session, request.base(), request.target());
  request.set_include_diffs(options.diff);
  // With diffs, an answer holds what fits.
  request.set_page_size(options.diff ? 20 : 1000);
  Table table({"CHANGE", "NUMBER", "VERSION", "STATE", "PATH"});
  v1::CompareBaselinesResponse page;
  std::vector<std::string> diffs;
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(page, session.client().CompareBaselines(request));
    for (const v1::BaselineDifference& difference : page.differences()) {
      if (session.json()) {
        session.PrintJson(difference);
        continue;
      }
      const v1::BaselineDocument& base = difference.base();
      const v1::BaselineDocument& target = difference.target();
      const bool removed = difference.kind() == v1::BASELINE_DIFFERENCE_KIND_REMOVED;
      table.Add({EnumText(difference.kind()), IdOf(difference.document()),
                 FromTo(FrozenVersion(base), FrozenVersion(target)),
                 removed ? EnumText(base.state()) : FromTo(EnumText(base.state()), EnumText(target.state())),
                 removed ? base.path() : FromTo(base.path(), target.path())});
      if (!difference.unified_diff().empty()) diffs.push_back(difference.unified_diff());
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (session.json()) return absl::OkStatus();
  table.Print(session);
  session.out() << page.added_count() << " added, " << page.removed_count() << " removed, " << page.changed_count()
                << " changed, " << page.moved_count() << " moved, " << page.restated_count() << " restated, "
                << page.unchanged_count() << " unchanged\n";
  for (const std::string& diff : diffs) PrintDiff(session, diff);
  return absl::OkStatus();
}

}  // namespace

void AddBaselineCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const baseline = program.app.add_subcommand("baseline", "Frozen sets of documents, as git tags");
  baseline->require_subcommand(1);

  CLI::App* const create = baseline->add_subcommand("create", "Freeze the project, or a part of it; JSON: Baseline");
  const auto creating = std::make_shared<BaselineOptions>();
  create->add_option("BASELINE", creating->id, "Its name, such as G2 or 2026-03")->required();
  create->add_option("-m,--message", creating->reason, "Why, for the history")->required();
  create->add_option("--title", creating->title, "A title for people");
  create->add_option("--kind", creating->kind, "What sort it is: functional, design, product, stage, ...");
  CLI::Option* const folder =
      create->add_option("--folder", creating->folder, "Only what lies below this folder")->check(kNotEmpty);
  CLI::Option* const type =
      create->add_option("--type", creating->type, "Only documents of this type")->check(kNotEmpty);
  type->excludes(folder);
  AddList(create, "--document", creating->documents, "Only this document; may be repeated")
      ->excludes(folder)
      ->excludes(type);
  create->add_flag("--released", creating->released, "Released versions; default: the latest ones");
  AddAsOf(create, creating->as_of);
  OnCall(program, create, [&session, creating] { return CreateBaseline(session, *creating); });

  CLI::App* const list = baseline->add_subcommand("ls", "List baselines, oldest first; JSON: one Baseline a line");
  const auto listing = std::make_shared<BaselineOptions>();
  list->add_option("--kind", listing->kind, "Only those of this kind");
  AddAsOf(list, listing->as_of);
  OnCall(program, list, [&session, listing] { return ListBaselines(session, *listing); });

  AddShowCommand(program, baseline, "Show a baseline", kBaselines, "BASELINE", "Its name", &client::Client::GetBaseline,
                 AddBaselineLines);

  CLI::App* const files =
      baseline->add_subcommand("files", "List what a baseline holds; JSON: one BaselineDocument a line");
  const auto filing = std::make_shared<BaselineOptions>();
  files->add_option("BASELINE", filing->id, "Its name")->required();
  OnCall(program, files, [&session, filing] { return Files(session, *filing); });

  CLI::App* const compare = baseline->add_subcommand(
      "compare", "Tell what differs between two baselines, or one and now; JSON: one BaselineDifference a line");
  const auto comparing = std::make_shared<BaselineOptions>();
  compare->add_option("BASE", comparing->id, "The older one")->required();
  compare->add_option("TARGET", comparing->target, "The newer one; default: now")->check(kNotEmpty);
  compare->add_flag("--diff", comparing->diff, "With what changed in each text");
  compare->add_flag("--records", comparing->records,
                    "Links, deliverables and other records instead of documents; JSON: one RecordDifference a line");
  OnCall(program, compare, [&session, comparing] { return Compare(session, *comparing); });
}

}  // namespace greffe::cli
