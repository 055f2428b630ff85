#include "clients/cli/trace_views.h"

#include <map>
#include <memory>

#include "clients/cli/document_ref.h"
#include "clients/cli/link_text.h"
#include "clients/cli/moment.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct ViewOptions {
  std::string thing;
  std::string rows;
  std::string columns;
  std::string direction = "both";
  std::vector<std::string> types;
  int depth = 0;
  int limit = 0;
  bool gaps = false;
  bool csv = false;
  std::string as_of;
};

// What every view takes from its options.
template <typename Request>
absl::Status Fill(Session& session, const ViewOptions& options, Request& request) {
  for (const std::string& type : options.types) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::LinkType parsed, ParseLinkType(type));
    request.add_types(parsed);
  }
  if (options.as_of.empty()) return absl::OkStatus();
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  return absl::OkStatus();
}

void PrintView(Session& session, const ViewOptions& options, const Table& table) {
  if (options.csv) {
    table.PrintCsv(session);
  } else {
    table.Print(session);
  }
}

absl::Status Impact(Session& session, const ViewOptions& options) {
  v1::GetImpactRequest request;
  GREFFE_CLIENT_RETURN_IF_ERROR(Fill(session, options, request));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const LinkEndName end, FindLinkEnd(session, options.thing, request.as_of()));
  request.set_name(end.name);
  request.set_anchor(end.anchor);
  if (options.direction == "dependents") request.set_direction(v1::IMPACT_DIRECTION_DEPENDENTS);
  if (options.direction == "dependencies") request.set_direction(v1::IMPACT_DIRECTION_DEPENDENCIES);
  request.set_max_depth(options.depth);
  request.set_max_results(options.limit);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::GetImpactResponse impact, session.client().GetImpact(request));
  if (session.json()) {
    session.PrintJson(impact);
    return absl::OkStatus();
  }
  Table table({"DIRECTION", "STEPS", "WHAT", "LINK", "TYPE", "STATE", "VIA"});
  const auto add = [&](const char* direction, const google::protobuf::RepeatedPtrField<v1::ImpactNode>& nodes) {
    for (const v1::ImpactNode& node : nodes) {
      table.Add({direction, std::to_string(node.depth()), LinkEndText(node.name(), node.anchor()), IdOf(node.link()),
                 EnumText(node.type()), EnumText(node.state()), LinkEndText(node.via(), "")});
    }
  };
  add("depends on it", impact.dependents());
  add("it depends on", impact.dependencies());
  PrintView(session, options, table);
  for (const v1::LinkCycle& cycle : impact.cycles()) {
    std::string path;
    for (const std::string& name : cycle.path()) path += (path.empty() ? "" : " -> ") + LinkEndText(name, "");
    session.Note("cycle: " + Printable(path));
  }
  if (impact.truncated()) session.Note("there is more: --depth and --limit");
  return absl::OkStatus();
}

std::string CellText(const v1::CoverageCell& cell) {
  std::string text = EnumText(cell.type());
  if (cell.state() != v1::LINK_STATE_VALID) text += " (" + EnumText(cell.state()) + ")";
  return text;
}

// Rows and columns, as a spreadsheet has them.
void PrintMatrixCsv(Session& session, const std::vector<v1::CoverageRow>& rows) {
  std::map<std::string, std::size_t> columns;
  for (const v1::CoverageRow& row : rows) {
    for (const v1::CoverageCell& cell : row.cells()) columns.emplace(LinkEndText(cell.name(), cell.anchor()), 0);
  }
  std::vector<std::string> headings = {"row", "title", "links"};
  for (auto& [name, position] : columns) {
    position = headings.size();
    headings.push_back(name);
  }
  const std::size_t width = headings.size();
  Table table(std::move(headings));
  for (const v1::CoverageRow& row : rows) {
    std::vector<std::string> cells(width);
    cells[0] = LinkEndText(row.name(), row.anchor());
    cells[1] = row.title();
    cells[2] = std::to_string(row.cells_size());
    for (const v1::CoverageCell& cell : row.cells()) {
      std::string& text = cells[columns[LinkEndText(cell.name(), cell.anchor())]];
      text += (text.empty() ? "" : "; ") + CellText(cell);
    }
    table.Add(std::move(cells));
  }
  table.PrintCsv(session);
}

absl::Status Matrix(Session& session, const ViewOptions& options) {
  v1::GetCoverageMatrixRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_rows(), ParseAxis(options.rows));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_columns(), ParseAxis(options.columns));
  GREFFE_CLIENT_RETURN_IF_ERROR(Fill(session, options, request));
  request.set_gaps_only(options.gaps);
  request.set_page_size(1000);
  std::vector<v1::CoverageRow> rows;
  Table table({"ROW", "TITLE", "LINKED WITH"});
  std::int64_t gaps = 0;
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::GetCoverageMatrixResponse page,
                                   session.client().GetCoverageMatrix(request));
    for (const v1::CoverageRow& row : page.rows()) {
      gaps += row.cells().empty() ? 1 : 0;
      rows.push_back(row);
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (session.json()) {
    for (const v1::CoverageRow& row : rows) session.PrintJson(row);
    return absl::OkStatus();
  }
  if (options.csv) {
    PrintMatrixCsv(session, rows);
    return absl::OkStatus();
  }
  for (const v1::CoverageRow& row : rows) {
    std::string linked;
    for (const v1::CoverageCell& cell : row.cells()) {
      linked += (linked.empty() ? "" : ", ") + LinkEndText(cell.name(), cell.anchor()) + " " + CellText(cell);
    }
    table.Add({LinkEndText(row.name(), row.anchor()), FirstLine(row.title()), linked.empty() ? "-" : linked});
  }
  table.Print(session);
  session.Note(std::to_string(rows.size()) + " rows, " + std::to_string(gaps) + " without a link");
  return absl::OkStatus();
}

absl::Status Orphans(Session& session, const ViewOptions& options) {
  v1::ListOrphansRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  if (!options.rows.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_of(), ParseAxis(options.rows));
  }
  GREFFE_CLIENT_RETURN_IF_ERROR(Fill(session, options, request));
  request.set_page_size(1000);
  Table table({"ORPHAN", "TITLE"});
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListOrphansResponse page, session.client().ListOrphans(request));
    for (const v1::CoverageRow& orphan : page.orphans()) {
      if (session.json()) {
        session.PrintJson(orphan);
        continue;
      }
      table.Add({LinkEndText(orphan.name(), orphan.anchor()), FirstLine(orphan.title())});
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) PrintView(session, options, table);
  return absl::OkStatus();
}

absl::Status Anchors(Session& session, const ViewOptions& options) {
  v1::ListAnchorsRequest request;
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.thing, request.as_of()));
  request.set_parent(document.name());
  request.set_page_size(1000);
  Table table({"ANCHOR", "KIND", "LINE", "TITLE"});
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListAnchorsResponse page, session.client().ListAnchors(request));
    for (const v1::Anchor& anchor : page.anchors()) {
      if (session.json()) {
        session.PrintJson(anchor);
        continue;
      }
      table.Add({anchor.id(), EnumText(anchor.kind()), std::to_string(anchor.line()), FirstLine(anchor.title())});
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) PrintView(session, options, table);
  return absl::OkStatus();
}

void AddViewOptions(CLI::App* command, ViewOptions& options) {
  command->add_flag("--csv", options.csv, "As comma-separated values (RFC 4180)");
  AddAsOf(command, options.as_of);
}

constexpr char kAxisHelp[] =
    "Document type, with #requirements or #headings for its anchors; or COLLECTION: for other records";

}  // namespace

void AddTraceViews(Program& program, CLI::App* trace) {
  Session& session = program.session;
  const auto add = [&](const char* name, const char* help, absl::Status (*run)(Session&, const ViewOptions&)) {
    CLI::App* const command = trace->add_subcommand(name, help);
    const auto options = std::make_shared<ViewOptions>();
    AddViewOptions(command, *options);
    OnCall(program, command, [&session, options, run] { return run(session, *options); });
    return std::make_pair(command, options.get());
  };
  const auto add_types = [](CLI::App* command, ViewOptions& options) {
    AddList(command, "--type", options.types, "Links of this type only, such as verifies; may be given several times");
  };

  const auto [impact, impact_options] =
      add("impact", "What depends on a thing, and on what it depends; JSON: GetImpactResponse", Impact);
  impact->add_option("THING", impact_options->thing, kLinkEndHelp)->required();
  impact->add_option("--direction", impact_options->direction, "dependents, dependencies or both")
      ->check(CLI::IsMember({"dependents", "dependencies", "both"}));
  impact->add_option("--depth", impact_options->depth, "At most this many links away")->check(kFromOne);
  impact->add_option("--limit", impact_options->limit, "At most this many things each way; default: 1000")
      ->check(kFromOne);
  add_types(impact, *impact_options);

  const auto [matrix, matrix_options] = add(
      "matrix", "Which rows are linked with which columns, and which with none; JSON: one CoverageRow a line", Matrix);
  matrix->add_option("--rows", matrix_options->rows, kAxisHelp)->required();
  matrix->add_option("--columns", matrix_options->columns, kAxisHelp)->required();
  matrix->add_flag("--gaps", matrix_options->gaps, "Only rows without a link");
  add_types(matrix, *matrix_options);

  const auto [orphans, orphan_options] = add("orphans", "List what has no link; JSON: one CoverageRow a line", Orphans);
  orphans->add_option("--of", orphan_options->rows, std::string(kAxisHelp) + "; default: all documents");
  add_types(orphans, *orphan_options);

  const auto [anchors, anchor_options] =
      add("anchors", "List the headings and requirements of a document; JSON: one Anchor a line", Anchors);
  anchors->add_option("DOCUMENT", anchor_options->thing, kDocumentHelp)->required();
}

}  // namespace greffe::cli
