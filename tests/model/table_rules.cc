// Rules of tables of registers' entries.
#include <algorithm>
#include <utility>

#include "tests/model/csv_table.h"
#include "tests/model/draft.h"
#include "tests/model/entry_draft.h"
#include "tests/model/entry_filters.h"
#include "tests/model/table_answers.h"
#include "tests/model/table_cells.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

bool IsColumn(const Register& entries, const std::string& column) {
  return IsRead(entries, column) || entries.type->FindFieldByName(column) != nullptr;
}

Expected ExportTable(const Moment& now, const v1::ExportTableRequest& request, const Made*) {
  const Register& entries = *RegisterOf(request.parent());
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  const EntryFilter& filter = EntryFilterOf(request.filter());
  if (filter.matches == nullptr) refusals.insert("INVALID_ARGUMENT FILTER_INVALID");
  std::vector<std::string> columns(request.columns().begin(), request.columns().end());
  if (columns.empty()) columns = ColumnsOf(entries);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!IsColumn(entries, columns[i])) refusals.insert("INVALID_ARGUMENT COLUMN_UNKNOWN");
    const auto here = columns.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(columns.begin(), here, columns[i]) != here) refusals.insert("INVALID_ARGUMENT COLUMN_REPEATED");
  }
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  TableRows rows = {columns};
  const EntryOrder by_id = EntryOrderOf("");
  std::map<std::string, const Message*> chosen;
  for (const Message* entry : moment->All(entries.type)) {
    if (filter.matches(*entry)) chosen[KeyOf(by_id, *entry) + IdOf(Text(*entry, "name"))] = entry;
  }
  for (const auto& [key, entry] : chosen) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string& column : columns) row.push_back(CellOf(*entry, column));
  }
  auto response = std::make_shared<v1::ExportTableResponse>();
  response->set_data(WriteTable(rows));
  response->set_sequence(moment->sequence());
  response->set_row_count(static_cast<int>(chosen.size()));
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

// The rows of one import, each upon those before it.
class Import {
 public:
  Import(const Moment& moment, const Made* made, const Register& entries, std::vector<std::string> columns,
         bool dry_run)
      : moment_(moment), entries_(entries), columns_(std::move(columns)), dry_run_(dry_run), draft_(moment, made) {}

  const EntryDraft& draft() const { return draft_; }

  v1::TableRow Take(const std::vector<std::string>& cells) {
    v1::TableRow told;
    // Cells that a row ends without say nothing, but for those that name its entry.
    if (cells.size() > columns_.size() || !HasCell(cells, "id") || !HasCell(cells, "etag")) {
      Refuse("", "CELL_COUNT", told);
      return told;
    }
    told.set_id(Cell(cells, "id"));
    const std::string state = Cell(cells, "state");
    if (!state.empty() && FindValue(*entries_.type->FindFieldByName("state")->enum_type(), state) == nullptr) {
      Refuse("state", "ENUM_INVALID", told);
    }
    With(cells, *Blank(), told);
    if (!told.id().empty() && !ids_.insert(told.id()).second) Refuse("id", "ID_REPEATED", told);
    if (told.findings().empty()) Do(cells, told);
    return told;
  }

 private:
  static void Tell(const std::string& column, const std::string& reason, v1::TableRow& told) {
    v1::RowFinding& finding = *told.add_findings();
    finding.set_column(column);
    finding.set_reason(reason);
  }

  static void Refuse(const std::string& column, const std::string& reason, v1::TableRow& told) {
    told.set_outcome(v1::ROW_OUTCOME_ERROR);
    Tell(column, reason, told);
  }

  bool HasColumn(const std::string& name) const {
    return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
  }

  bool HasCell(const std::vector<std::string>& cells, const std::string& name) const {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    return found == columns_.end() || found - columns_.begin() < std::ssize(cells);
  }

  std::string Cell(const std::vector<std::string>& cells, const std::string& column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    if (found == columns_.end() || !HasCell(cells, column)) return "";
    return WithoutGuard(cells[static_cast<std::size_t>(found - columns_.begin())]);
  }

  std::string Parent() const { return "projects/" + moment_.project().id() + "/" + entries_.collection + "/"; }

  EntryPtr Blank() const {
    EntryPtr blank = NewEntry(entries_);
    SetText(*blank, "name", Parent());
    return blank;
  }

  // The entry with what the cells say. What they cannot say is told.
  EntryPtr With(const std::vector<std::string>& cells, const Message& entry, v1::TableRow& told) const {
    EntryPtr after = CopyOf(entry);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string& column = columns_[i];
      const bool in_map = column == "labels" || column.starts_with("attributes.");
      if (!in_map && (column == "id" || !IsField(entries_, column))) continue;
      const std::string wrong = TakeCell(column, cells[i], *after);
      if (!wrong.empty()) Refuse(column, wrong, told);
    }
    return after;
  }

  EntryPtr With(const std::vector<std::string>& cells, const Message& entry) const {
    v1::TableRow told;
    return With(cells, entry, told);
  }

  bool SaysMore(const std::vector<std::string>& cells, const Message& entry) const {
    const std::string comment = Cell(cells, "outcome");
    return !comment.empty() && comment != Text(entry, "outcome");
  }

  bool SaysTheSame(const std::vector<std::string>& cells, const Message& entry) const {
    const std::string state = Cell(cells, "state");
    return (state.empty() || state == ShortName(*StateOf(entry))) && BytesOf(*With(cells, entry)) == BytesOf(entry);
  }

  // Whether the row is as it was exported, though the entry has changed since.
  bool IsUnedited(const std::vector<std::string>& cells, const std::string& name) const {
    for (const Message* then : moment_.HistoryOf(entries_.type, name)) {
      if (Text(*then, "etag") != Cell(cells, "etag")) continue;
      if (!SaysMore(cells, *then) && SaysTheSame(cells, *then)) return true;
    }
    return false;
  }

  void Do(const std::vector<std::string>& cells, v1::TableRow& told) {
    const std::string name = Parent() + told.id();
    const Message* found = told.id().empty() ? nullptr : draft_.Find(name);
    Flaws flaws;
    if (found == nullptr) {
      const std::string made = draft_.Create(*With(cells, *Blank()), told.id(), flaws);
      told.set_outcome(v1::ROW_OUTCOME_CREATED);
      if (!dry_run_ && flaws.empty()) told.set_id(IdOf(made));
      Blame(flaws, told);
      return;
    }
    const EntryPtr before = CopyOf(*found);
    const EntryPtr after = With(cells, *before);
    const std::string etag = Cell(cells, "etag");
    const bool same = SaysTheSame(cells, *before);
    if (same && !SaysMore(cells, *before)) {
      told.set_outcome(v1::ROW_OUTCOME_UNCHANGED);
    } else if (!etag.empty() && etag != Text(*before, "etag")) {
      const bool unedited = IsUnedited(cells, name);
      told.set_outcome(unedited ? v1::ROW_OUTCOME_UNCHANGED : v1::ROW_OUTCOME_CONFLICT);
      if (!unedited) Tell("etag", "ETAG_MISMATCH", told);
    } else if (same) {
      Refuse("outcome", "COMMENT_WITHOUT_STATE", told);
    } else {
      Change(cells, *before, *after, flaws);
      told.set_outcome(v1::ROW_OUTCOME_UPDATED);
      if (etag.empty()) Tell("etag", "ETAG_MISSING", told);
      Blame(flaws, told);
    }
  }

  void Change(const std::vector<std::string>& cells, const Message& before, Message& after, Flaws& flaws) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string& column = columns_[i];
      const bool attributes = column.starts_with("attributes.");
      if (attributes || column == "labels") paths.push_back(attributes ? "attributes" : column);
      if (attributes || column == "labels" || column == "id" || !IsField(entries_, column)) continue;
      const FieldDescriptor& field = *entries_.type->FindFieldByName(column);
      if (BehaviorOf(field) != v1::FIELD_BEHAVIOR_IMMUTABLE) {
        paths.push_back(column);
      } else if (Text(before, column.c_str()) != Text(after, column.c_str())) {
        flaws.push_back({"INVALID_ARGUMENT FIELD_IMMUTABLE", column});
      }
    }
    const std::string name = Text(before, "name");
    const std::string state = Cell(cells, "state");
    const bool moves = !state.empty() && state != ShortName(*StateOf(before));
    const auto move = [&] {
      if (moves && flaws.empty()) draft_.Transition(name, state, Cell(cells, "outcome"), flaws);
    };
    // What is closed has to be opened before it changes.
    if (IsClosed(before)) move();
    if (flaws.empty() && !paths.empty()) draft_.Update(after, paths, flaws);
    if (!IsClosed(before)) move();
  }

  // Tells the first flaw, where there is one.
  void Blame(const Flaws& flaws, v1::TableRow& told) const {
    if (flaws.empty()) return;
    told.clear_findings();
    std::string column = flaws.front().field;
    if (column.starts_with("labels.")) column = "labels";
    if (column == "outcome" && !HasColumn(column)) column = "comment";
    Refuse(column, flaws.front().refusal.substr(flaws.front().refusal.find(' ') + 1), told);
  }

  const Moment& moment_;
  const Register& entries_;
  const std::vector<std::string> columns_;
  const bool dry_run_;
  EntryDraft draft_;
  std::set<std::string> ids_;  // of the rows so far
};

void Count(const v1::TableRow& row, v1::ImportTableResponse& response) {
  response.set_row_count(response.row_count() + 1);
  switch (row.outcome()) {
    case v1::ROW_OUTCOME_CREATED:
      return response.set_created_count(response.created_count() + 1);
    case v1::ROW_OUTCOME_UPDATED:
      return response.set_updated_count(response.updated_count() + 1);
    case v1::ROW_OUTCOME_UNCHANGED:
      return response.set_unchanged_count(response.unchanged_count() + 1);
    case v1::ROW_OUTCOME_CONFLICT:
      return response.set_conflict_count(response.conflict_count() + 1);
    default:
      return response.set_error_count(response.error_count() + 1);
  }
}

int LinesOf(const std::vector<std::string>& cells) {
  int lines = 1;
  for (const std::string& cell : cells) lines += static_cast<int>(std::count(cell.begin(), cell.end(), '\n'));
  return lines;
}

Expected ImportTable(const Moment& moment, const v1::ImportTableRequest& request, const Made* made) {
  if (!moment.exists()) return Expected::Refused({"NOT_FOUND PROJECT_NOT_FOUND"});
  const Register& entries = *RegisterOf(request.parent());
  const TableRows table = *ReadTable(request.data());
  v1::ImportTableResponse response;
  response.mutable_dialect()->set_encoding(v1::TABLE_ENCODING_UTF_8);
  response.mutable_dialect()->set_delimiter(v1::TABLE_DELIMITER_COMMA);
  response.mutable_dialect()->set_dates(v1::TABLE_DATES_ISO);
  response.mutable_dialect()->set_decimals(v1::TABLE_DECIMALS_POINT);
  for (const std::string& heading : table.front()) {
    if (!IsColumn(entries, heading)) return Expected::Refused({"INVALID_ARGUMENT COLUMN_UNKNOWN"});
    v1::TableColumn& column = *response.add_columns();
    column.set_heading(heading);
    if (IsRead(entries, heading)) column.set_field(heading);
  }
  Import import(moment, made, entries, table.front(), request.dry_run());
  std::vector<v1::TableRow> rows;
  int line = 1 + LinesOf(table.front());
  for (std::size_t i = 1; i < table.size(); ++i) {
    const int begins = std::exchange(line, line + LinesOf(table[i]));
    if (std::all_of(table[i].begin(), table[i].end(), [](const auto& cell) { return cell.empty(); })) continue;
    v1::TableRow& told = rows.emplace_back(import.Take(table[i]));
    told.set_row(static_cast<int>(i) + 1);
    told.set_line(begins);
    Count(told, response);
  }
  const bool refused = response.error_count() + response.conflict_count() > 0;
  for (const v1::TableRow& row : rows) {
    const bool wrong = row.outcome() == v1::ROW_OUTCOME_ERROR || row.outcome() == v1::ROW_OUTCOME_CONFLICT;
    if (refused ? wrong : row.outcome() != v1::ROW_OUTCOME_UNCHANGED) *response.add_rows() = row;
  }
  Expected expected;
  if (!refused && !request.dry_run()) {
    response.set_applied(true);
    import.draft().Finish(expected);
    if (made != nullptr) {
      response.set_sequence(made->change.sequence());
      response.set_commit(made->change.commit());
      if (static_cast<const v1::ImportTableResponse&>(made->answer).replayed()) response = AsReplayed(response);
    }
  }
  expected.answer = std::make_shared<v1::ImportTableResponse>(std::move(response));
  return expected;
}

}  // namespace

void AddTableRules(Rules& rules) {
  rules.Add<v1::ExportTableRequest>(ExportTable);
  rules.Add<v1::ImportTableRequest>(ImportTable);
}

}  // namespace greffe::model
