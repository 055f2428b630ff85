// greffe table export, import: registers, deliverables and documents as CSV, out to a spreadsheet and back.
#include "clients/cpp/tables.h"

#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/moment.h"
#include "clients/cli/planning.h"
#include "clients/cli/read_input.h"
#include "clients/cli/register.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/atomic_file.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct DialectOptions {
  std::string encoding;
  std::string delimiter;
  std::string dates;
  std::string decimals;
  bool french = false;
};

struct TableOptions {
  std::string collection;
  std::string file;
  std::string filter;
  std::string as_of;
  std::string message;
  std::vector<std::string> columns;
  std::vector<std::string> maps;
  std::vector<std::string> ignored;
  DialectOptions dialect;
  int max_rows = 0;
  bool dry_run = false;
};

const std::map<std::string, v1::TableEncoding> kEncodings = {{"utf-8", v1::TABLE_ENCODING_UTF_8},
                                                             {"utf-8-bom", v1::TABLE_ENCODING_UTF_8_BOM},
                                                             {"windows-1252", v1::TABLE_ENCODING_WINDOWS_1252}};
const std::map<std::string, v1::TableDelimiter> kDelimiters = {{"comma", v1::TABLE_DELIMITER_COMMA},
                                                               {"semicolon", v1::TABLE_DELIMITER_SEMICOLON},
                                                               {"tab", v1::TABLE_DELIMITER_TAB}};
const std::map<std::string, v1::TableDates> kDates = {{"iso", v1::TABLE_DATES_ISO}, {"french", v1::TABLE_DATES_FRENCH}};
const std::map<std::string, v1::TableDecimals> kDecimals = {{"point", v1::TABLE_DECIMALS_POINT},
                                                            {"comma", v1::TABLE_DECIMALS_COMMA}};

template <typename Value>
Value Find(const std::map<std::string, Value>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? Value{} : found->second;
}

template <typename Value>
std::string ValueName(const std::map<std::string, Value>& values, Value value) {
  for (const auto& [name, known] : values) {
    if (known == value) return name;
  }
  return "?";
}

// `found`: the default is what the table turns out to have.
void AddDialectOptions(CLI::App* command, DialectOptions& options, bool found) {
  const auto add = [&](const char* name, std::string& value, const auto& values, const std::string& help,
                       const std::string& otherwise) {
    std::vector<std::string> names;
    for (const auto& [choice, unused] : values) names.push_back(choice);
    command->add_option(name, value, help + "; default: " + (found ? "found out" : otherwise))
        ->check(CLI::IsMember(names));
  };
  add("--encoding", options.encoding, kEncodings, "How characters are written", "utf-8");
  add("--delimiter", options.delimiter, kDelimiters, "What is between cells", "comma");
  add("--dates", options.dates, kDates, "2026-03-31 or 31/03/2026", "iso");
  add("--decimals", options.decimals, kDecimals, "1250.50 or 1250,50", "point");
}

v1::TableDialect DialectOf(const DialectOptions& options) {
  v1::TableDialect dialect;
  if (options.french) {
    dialect.set_encoding(v1::TABLE_ENCODING_UTF_8_BOM);
    dialect.set_delimiter(v1::TABLE_DELIMITER_SEMICOLON);
    dialect.set_dates(v1::TABLE_DATES_FRENCH);
    dialect.set_decimals(v1::TABLE_DECIMALS_COMMA);
  }
  if (!options.encoding.empty()) dialect.set_encoding(Find(kEncodings, options.encoding));
  if (!options.delimiter.empty()) dialect.set_delimiter(Find(kDelimiters, options.delimiter));
  if (!options.dates.empty()) dialect.set_dates(Find(kDates, options.dates));
  if (!options.decimals.empty()) dialect.set_decimals(Find(kDecimals, options.decimals));
  return dialect;
}

std::string DialectText(const v1::TableDialect& dialect) {
  return ValueName(kEncodings, dialect.encoding()) + ", " + ValueName(kDelimiters, dialect.delimiter()) +
         " between cells, dates " + ValueName(kDates, dialect.dates()) + ", decimals " +
         ValueName(kDecimals, dialect.decimals());
}

// `projects/{p}/risks` of "risks", or of the command's name "risk".
absl::StatusOr<std::string> CollectionName(Session& session, const std::string& text) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
  for (const RegisterCommand& command : RegisterCommands()) {
    if (text == command.name) return parent + "/" + command.collection;
  }
  if (text == "document" || text == "deliverable") return parent + "/" + text + "s";
  return parent + "/" + text;
}

absl::Status ExportTable(Session& session, const TableOptions& options) {
  v1::ExportTableRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), CollectionName(session, options.collection));
  for (const std::string& column : options.columns) request.add_columns(column);
  request.set_filter(options.filter);
  *request.mutable_dialect() = DialectOf(options.dialect);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  if (options.file.empty() || options.file == "-") {
    return client::ExportTable(session.client(), request, [&session](const v1::ExportTableResponse& piece) {
      session.out() << piece.data();
      return absl::OkStatus();
    });
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::unique_ptr<client::AtomicFile> file,
                                 client::AtomicFile::CreateOrOpen(options.file));
  std::int64_t rows = 0;
  GREFFE_CLIENT_RETURN_IF_ERROR(
      client::ExportTable(session.client(), request, [&](const v1::ExportTableResponse& piece) {
        rows += piece.row_count();
        return file->Write(piece.data());
      }));
  GREFFE_CLIENT_RETURN_IF_ERROR(file->Commit());
  session.Note(options.file + "  " + std::to_string(rows) + " rows");
  return absl::OkStatus();
}

void PrintRows(Session& session, const v1::ImportTableResponse& response) {
  if (response.rows_size() == 0) return;
  Table table({"ROW", "ID", "OUTCOME", "COLUMN", "WHAT"});
  for (const v1::TableRow& row : response.rows()) {
    const std::string number = row.row() == 0 ? "-" : std::to_string(row.row());
    const std::string outcome = EnumText(row.outcome());
    if (row.findings_size() == 0) table.Add({number, OrDash(row.id()), outcome, "-", "-"});
    for (const v1::RowFinding& finding : row.findings()) {
      table.Add({number, OrDash(row.id()), outcome, OrDash(finding.column()),
                 finding.message() + " (" + finding.reason() + ")"});
    }
  }
  table.Print(session);
  if (response.rows_left_out() > 0) session.out() << "and " << response.rows_left_out() << " more rows\n";
}

void PrintSummary(Session& session, const v1::ImportTableResponse& response, bool dry_run) {
  std::string text = std::to_string(response.created_count()) + " created, " +
                     std::to_string(response.updated_count()) + " changed, " +
                     std::to_string(response.unchanged_count()) + " unchanged";
  if (response.error_count() > 0) text += ", " + std::to_string(response.error_count()) + " wrong";
  if (response.conflict_count() > 0) text += ", " + std::to_string(response.conflict_count()) + " in conflict";
  if (response.applied() && response.sequence() > 0) text += "; commit " + std::to_string(response.sequence());
  if (!response.applied()) text += dry_run ? "; dry run: nothing is written" : "; nothing is written";
  session.out() << text << "\n";
}

absl::Status ImportTable(Session& session, const TableOptions& options) {
  v1::ImportTableRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), CollectionName(session, options.collection));
  *request.mutable_dialect() = DialectOf(options.dialect);
  request.set_comment(options.message);
  request.set_dry_run(options.dry_run);
  request.set_max_rows(options.max_rows);
  const auto map = [&request](const std::string& heading, const std::string& field) {
    v1::TableColumn& column = *request.add_columns();
    column.set_heading(heading);
    column.set_field(field);
  };
  GREFFE_CLIENT_RETURN_IF_ERROR(ParsePairs(options.maps, "--map", map));
  for (const std::string& heading : options.ignored) map(heading, "");
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(options.file));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ImportTableResponse response,
                                 client::ImportTable(session.client(), request, bytes));
  if (session.json()) {
    session.PrintJson(response);
  } else {
    if (!response.replayed()) session.Note("read as " + DialectText(response.dialect()));
    for (const v1::TableColumn& column : response.columns()) {
      if (column.field().empty()) session.Note("not read: column \"" + Printable(column.heading()) + "\"");
    }
    PrintRows(session, response);
    PrintSummary(session, response, options.dry_run);
  }
  if (response.error_count() > 0) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "TABLE_REFUSED",
                             std::to_string(response.error_count()) + " rows are wrong");
  }
  if (response.conflict_count() > 0) {
    return client::MakeError(absl::StatusCode::kAborted, "TABLE_CONFLICTS",
                             std::to_string(response.conflict_count()) + " rows are in conflict; export again");
  }
  return absl::OkStatus();
}

}  // namespace

void AddTableCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const table = program.app.add_subcommand(
      "table", "Registers, deliverables and documents as CSV, out to a spreadsheet and back");
  table->require_subcommand(1);

  const std::string collections =
      "risks, issues, actions, decisions, changeRequests, lessons, meetings, checklists, "
      "checklistRuns, budgetLines, deliverables or documents";
  CLI::App* const out = table->add_subcommand("export", "Write a table");
  const auto exporting = std::make_shared<TableOptions>();
  out->add_option("COLLECTION", exporting->collection, collections)->required();
  out->add_option("-o,--to", exporting->file, "File to write; default: standard output")->type_name(kLocalPath);
  out->add_option("--columns", exporting->columns, "Only these columns, in this order: id,title,score")->delimiter(',');
  out->add_option("--filter", exporting->filter, "Only what matches, as in lists: state = OPEN AND score >= 12");
  AddAsOf(out, exporting->as_of);
  AddDialectOptions(out, exporting->dialect, false);
  out->add_flag("--french", exporting->dialect.french,
                "As a French spreadsheet wants it: utf-8-bom, semicolon, french dates, decimal commas");
  OnCall(program, out, [&session, exporting] { return ExportTable(session, *exporting); });

  CLI::App* const in = table->add_subcommand(
      "import", "Create and change what the rows of a table say, all or nothing; JSON: what became of the rows");
  const auto importing = std::make_shared<TableOptions>();
  in->add_option("COLLECTION", importing->collection, collections)->required();
  in->add_option("FILE", importing->file, "The table; -: standard input")->required()->type_name(kLocalPath);
  in->add_flag("--dry-run", importing->dry_run, "Say what would happen, and write nothing");
  in->add_option("-m,--message", importing->message, "Why, for the history");
  AddList(in, "--map", importing->maps, "HEADING=FIELD: what a column is; several times");
  AddList(in, "--ignore", importing->ignored, "Heading of a column that is not read; several times");
  in->add_option("--max-rows", importing->max_rows, "Tell of at most so many rows; default: 1000")
      ->check(CLI::Range(1, 10000));
  AddDialectOptions(in, importing->dialect, true);
  OnCall(program, in, [&session, importing] { return ImportTable(session, *importing); });
}

}  // namespace greffe::cli
