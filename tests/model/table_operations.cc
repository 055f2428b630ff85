#include "greffe/v1/tables.pb.h"
#include "tests/model/any_entries.h"
#include "tests/model/csv_table.h"
#include "tests/model/entry_filters.h"
#include "tests/model/entry_operations.h"
#include "tests/model/table_cells.h"

namespace greffe::model {
namespace {

// What a hand may write into a column, good and bad.
std::vector<std::string> Values(const std::string& column) {
  static const std::map<std::string, std::vector<std::string>> values = {
      {"title", {"Title 1", "Title 2", "Edited, \"so\"", "'=not a formula", ""}},
      {"owner", {"ada", "grace", "<ada>"}},
      {"description", {"By hand", "Two\nlines", ""}},
      {"category", {"by hand", ""}},
      {"labels", {"phase=l1", "phase=l2; more=1\\; 2", "", "no pair"}},
      {"attributes.place", {"north", "south", ""}},
      {"probability", {"1", "4", "", "many", "9"}},
      {"planned", {"10", "99.95", "", "dear"}},
      {"due_date", {Days()[0], Days()[1], "", "31.12.2026"}},
      {"review_date", {Days()[0], Days()[1], ""}},
      {"severity", {"LOW", "HIGH", "", "AWFUL"}},
      {"source", {"risks/RISK-0001", ""}},
      {"outcome", {"Reason 1", "By hand"}},
  };
  const auto found = values.find(column);
  return found == values.end() ? std::vector<std::string>{} : found->second;
}

void EditCell(Dice& dice, const Register& entries, TableRows& table) {
  const std::vector<std::string>& headings = table.front();
  std::vector<std::string>& row =
      table[1 + static_cast<std::size_t>(dice.Below(static_cast<std::int64_t>(table.size()) - 1))];
  const auto column = static_cast<std::size_t>(dice.Below(static_cast<std::int64_t>(headings.size())));
  if (headings[column] == "state") {
    const auto& states = *entries.type->FindFieldByName("state")->enum_type();
    row[column] = dice.OneIn(20) ? "NOWHERE"
                                 : ShortName(*states.value(1 + static_cast<int>(dice.Below(states.value_count() - 1))));
    for (std::size_t i = 0; i < headings.size(); ++i) {
      if (headings[i] == "outcome") row[i] = dice.OneIn(4) ? "" : "Reason 3";
    }
    return;
  }
  const std::vector<std::string> values = Values(headings[column]);
  if (!values.empty()) row[column] = dice.Of(values);
}

void AddRow(Dice& dice, TableRows& table) {
  std::vector<std::string>& row = table.emplace_back(table.front().size(), "");
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (table.front()[i] == "id" && dice.OneIn(3)) row[i] = "X-" + std::to_string(dice.Below(9));
    if (table.front()[i] == "title") row[i] = "Title 7";
    if (table.front()[i] == "items") row[i] = R"([{"text":"Is it so?","required":true}])";
  }
}

}  // namespace

Request ExportTable(Dice& dice, const Knowledge& known) {
  const Register& entries = AnyRegister(dice);
  auto request = std::make_shared<v1::ExportTableRequest>();
  request->set_parent(Parent(known) + "/" + entries.collection);
  request->set_filter(dice.Of(EntryFilters(entries.collection)).text);
  if (dice.OneIn(2)) request->clear_filter();
  if (dice.OneIn(2)) {
    for (const char* column : {"id", "etag"}) request->add_columns(column);
    for (const std::string& column : ColumnsOf(entries)) {
      if (column != "id" && column != "etag" && dice.OneIn(2)) request->add_columns(column);
    }
    for (const char* shown : {"sequence", "score", "open_due_date", "nonsense", "title"}) {
      const bool there = entries.type->FindFieldByName(shown) != nullptr;
      if (dice.OneIn(there ? 5 : 60)) request->add_columns(shown);
    }
  }
  if (dice.OneIn(4)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ImportTable(Dice& dice, const Knowledge& known) {
  if (known.tables.empty()) return ExportTable(dice, known);
  const auto& known_table = *dice.Of(known.tables);
  TableRows table = *ReadTable(known_table.data);
  const Register& entries = *RegisterOf(known_table.parent + "/");
  if (dice.OneIn(2) && table.size() > 1) EditCell(dice, entries, table);
  if (dice.OneIn(12)) AddRow(dice, table);
  if (dice.OneIn(12) && table.size() > 1) table.back()[1] = "";
  if (dice.OneIn(30)) table.back().pop_back();
  if (dice.OneIn(60)) table.front().back() = "nonsense";
  auto request = std::make_shared<v1::ImportTableRequest>();
  request->set_parent(known_table.parent);
  request->set_data(WriteTable(table));
  request->set_dry_run(dice.OneIn(6));
  if (dice.OneIn(2)) request->set_comment("From a spreadsheet");
  return request;
}

}  // namespace greffe::model
