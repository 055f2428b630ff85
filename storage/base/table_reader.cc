#include "storage/base/table_reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/table_cell_reader.h"
#include "storage/base/table_cells.h"
#include "storage/base/table_dialect.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxMessage = 400;
constexpr int kMonths = 12;
constexpr std::size_t kNodeBytes = 48;  // of a map, beside key and value

// Cut between characters.
std::string Shortened(std::string_view text) {
  if (text.size() <= kMaxMessage) return PrintableUtf8(text);
  text = text.substr(0, kMaxMessage - 3);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.remove_suffix(1);
  if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.remove_suffix(1);
  return PrintableUtf8(text) + "...";
}

v1::RowFinding Finding(const std::string& column, const std::string& reason, const std::string& message) {
  v1::RowFinding finding;
  finding.set_column(column);
  finding.set_reason(reason);
  finding.set_message(Shortened(message));
  return finding;
}

bool IsBlankRow(const CsvRow& row) {
  for (const std::string& cell : row.cells) {
    if (!TrimCell(cell).empty()) return false;
  }
  return !row.fault;
}

class TableReader {
 public:
  TableReader(const TableSchema& schema, const v1::TableDialect& dialect, const std::vector<v1::TableColumn>& mapping)
      : schema_(schema), mapping_(mapping) {
    table_.dialect = dialect;
  }

  absl::StatusOr<ReadTable> Read(std::string_view bytes) {
    GREFFE_RETURN_IF_ERROR(ValidateDialect(table_.dialect, "dialect"));
    GREFFE_RETURN_IF_ERROR(DetectForm(bytes, table_.dialect));
    GREFFE_ASSIGN_OR_RETURN(csv_, ParseCsv(bytes, DelimiterOf(table_.dialect)));
    if (csv_.empty() || IsBlankRow(csv_.front())) {
      return InvalidField("data", "TABLE_EMPTY", "the first row has no headings");
    }
    GREFFE_RETURN_IF_ERROR(ReadHeadings());
    for (std::size_t i = 1; i < csv_.size(); ++i) Decode(csv_[i]);
    FindDates();
    FindDecimals();
    shared_columns_.resize(columns_.size() + 1);
    for (std::size_t i = 1; i < csv_.size(); ++i) {
      if (!IsBlankRow(csv_[i])) ReadRowOf(csv_[i]);
      std::vector<std::string>().swap(csv_[i].cells);
    }
    if (table_.dialect.dates() == v1::TABLE_DATES_UNSPECIFIED) {
      table_.dialect.set_dates(french_dates_ ? v1::TABLE_DATES_FRENCH : v1::TABLE_DATES_ISO);
    }
    if (table_.dialect.decimals() == v1::TABLE_DECIMALS_UNSPECIFIED) {
      table_.dialect.set_decimals(v1::TABLE_DECIMALS_POINT);  // all that there are read the same in both
    }
    return std::move(table_);
  }

 private:
  absl::Status ReadHeadings() {
    std::map<std::string, std::string> mapped;
    for (std::size_t i = 0; i < mapping_.size(); ++i) {
      if (!mapped.emplace(OneLine(mapping_[i].heading()), mapping_[i].field()).second) {
        return InvalidField(absl::StrCat("columns[", i, "].heading"), "COLUMN_REPEATED",
                            QuotedValue(mapping_[i].heading()) + ": is there twice");
      }
    }
    CsvRow& headings = csv_.front();
    if (headings.fault) {
      return InvalidField("data", headings.fault->reason,
                          absl::StrCat("row 1, column ", headings.fault->column + 1, ": ", headings.fault->finding));
    }
    // Columns without a heading and without a value are what a spreadsheet has right of a table.
    while (TrimCell(headings.cells.back()).empty()) headings.cells.pop_back();
    std::map<std::string, std::string> seen;
    for (std::size_t i = 0; i < headings.cells.size(); ++i) {
      const std::string place = absl::StrCat("row 1, column ", i + 1);
      const std::optional<std::string> decoded = DecodeCell(headings.cells[i], table_.dialect);
      if (!decoded) return InvalidField("data", "ENCODING_INVALID", place + ": is not of the table's encoding");
      const std::string heading = WithoutGuard(OneLine(*decoded));
      TableField column;
      const auto said = mapped.find(heading);
      if (said == mapped.end() && heading.empty()) {
        return InvalidField("data", "COLUMN_UNKNOWN", place + ": has no heading");
      }
      if (said == mapped.end() || !said->second.empty()) {
        const std::string field = said == mapped.end() ? "data" : "columns";
        GREFFE_ASSIGN_OR_RETURN(
            column, said == mapped.end() ? schema_.FindHeading(heading, field) : schema_.Find(said->second, field));
      }
      if (said != mapped.end()) mapped.erase(said);
      const bool read = column.role != ColumnRole::kShown;
      if (read) {
        const auto [former, first] = seen.emplace(column.name, heading);
        if (!first) {
          return InvalidField("data", "COLUMN_REPEATED",
                              absl::StrCat(place, ": ", QuotedValue(heading), " and ", QuotedValue(former->second),
                                           " both stand for ", column.name),
                              {{"column", column.name}});
        }
      }
      v1::TableColumn& told = *table_.columns.emplace(table_.columns.end());
      told.set_heading(ShownValue(heading));
      if (read) told.set_field(column.name);
      columns_.push_back(std::move(column));
    }
    if (mapped.empty()) return absl::OkStatus();
    return InvalidField("columns", "COLUMN_UNKNOWN",
                        QuotedValue(mapped.begin()->first) + ": the table has no such heading");
  }

  // The first `count` columns.
  std::shared_ptr<const TableColumns> SharedColumns(std::size_t count) {
    std::shared_ptr<const TableColumns>& known = shared_columns_[count];
    if (known != nullptr) return known;
    TableColumns shared;
    shared.dialect = table_.dialect;
    for (std::size_t i = 0; i < count; ++i) {
      const TableField& column = columns_[i];
      if (column.role == ColumnRole::kField) shared.fields.push_back(column);
      if (column.role == ColumnRole::kLabel) shared.labels.push_back(column.key);
      if (column.role == ColumnRole::kAttribute) shared.attributes.push_back(column.key);
    }
    known = std::make_shared<const TableColumns>(std::move(shared));
    return known;
  }

  // Whether a row may end behind `count` cells, as spreadsheets leave out empty ones: not before what names its record.
  bool MayEndAt(std::size_t count) const {
    bool may = count <= columns_.size();
    for (std::size_t i = count; i < columns_.size(); ++i) {
      may = may && columns_[i].role != ColumnRole::kId && columns_[i].role != ColumnRole::kEtag;
    }
    return may;
  }

  const std::string& Heading(std::size_t column) const { return table_.columns[column].heading(); }

  // Cells become UTF-8; the first that is none becomes the row's fault.
  void Decode(CsvRow& row) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      std::optional<std::string> decoded = DecodeCell(std::move(row.cells[i]), table_.dialect);
      if (!decoded && !row.fault) {
        row.fault = {static_cast<int>(i), "ENCODING_INVALID", "is not of the table's encoding"};
      }
      row.cells[i] = WithoutGuard(std::move(decoded).value_or(""));
    }
  }

  // Whether the file's dates with slashes have the day first, as one whose first number is no month says of them all.
  void FindDates() {
    if (table_.dialect.dates() != v1::TABLE_DATES_UNSPECIFIED) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!HoldsDates(columns_[i]) || columns_[i].role == ColumnRole::kShown) continue;
      for (std::size_t row = 1; row < csv_.size(); ++row) {
        if (csv_[row].cells.size() <= i) continue;
        const auto numbers = NumbersOfSlashedDate(csv_[row].cells[i]);
        if (numbers && numbers->first > kMonths) table_.dialect.set_dates(v1::TABLE_DATES_FRENCH);
      }
    }
  }

  // Read day first, what a spreadsheet of the United States wrote would become another day without a word.
  bool IsAmbiguousDate(std::size_t column, const std::string& cell) const {
    if (table_.dialect.dates() != v1::TABLE_DATES_UNSPECIFIED || !HoldsDates(columns_[column])) return false;
    const auto numbers = NumbersOfSlashedDate(cell);
    return numbers && numbers->first != numbers->second && numbers->second <= kMonths;
  }

  // Whether the file's numbers have points or commas, by those that can be read in one way alone.
  void FindDecimals() {
    if (table_.dialect.decimals() != v1::TABLE_DECIMALS_UNSPECIFIED) return;
    int points = 0;
    int commas = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!HoldsDecimals(columns_[i]) || columns_[i].role == ColumnRole::kShown) continue;
      for (std::size_t row = 1; row < csv_.size(); ++row) {
        if (csv_[row].cells.size() <= i || csv_[row].cells[i].find_first_of(".,") == std::string::npos) continue;
        const bool point = ReadDecimal(csv_[row].cells[i], v1::TABLE_DECIMALS_POINT).has_value();
        const bool comma = ReadDecimal(csv_[row].cells[i], v1::TABLE_DECIMALS_COMMA).has_value();
        if (point != comma) ++(point ? points : commas);
      }
    }
    // A table that has both has some that are wrong: those of the fewer kind are named.
    if (points == 0 && commas == 0) return;
    table_.dialect.set_decimals(commas > points ? v1::TABLE_DECIMALS_COMMA : v1::TABLE_DECIMALS_POINT);
  }

  // Counts one more finding of the row; false: there is no room for it.
  bool TakeRoom(const ReadRow& row) {
    const std::size_t count = row.errors.size() + row.values.unread.size();
    if (count == 0) return true;
    if (count >= kMaxRowFindings || further_findings_ >= kMaxTableFindings) return false;
    ++further_findings_;
    return true;
  }

  void AddError(v1::RowFinding finding, ReadRow& row) {
    if (TakeRoom(row)) row.errors.push_back(std::move(finding));
  }

  // A finding that is told by what the record has. Where there is no room for it the row is refused whatever that is.
  void AddUnread(const std::string& id, v1::RowFinding finding, ReadRow& row) {
    if (TakeRoom(row)) {
      row.values.unread.emplace(id, std::move(finding));
    } else {
      RefuseUnread(row);
    }
  }

  static void RefuseUnread(ReadRow& row) {
    for (auto& [id, finding] : row.values.unread) row.errors.push_back(std::move(finding));
    row.values.unread.clear();
  }

  void ReadRowOf(CsvRow& csv) {
    ReadRow row;
    row.row = csv.row;
    row.line = csv.line;
    row.values.values = RecordPtr(schema_.prototype().New());
    if (csv.fault) {
      const auto column = static_cast<std::size_t>(csv.fault->column);
      AddError(Finding(column < columns_.size() ? Heading(column) : absl::StrCat("column ", column + 1),
                       csv.fault->reason, csv.fault->finding),
               row);
    }
    while (csv.cells.size() > columns_.size() && TrimCell(csv.cells.back()).empty()) csv.cells.pop_back();
    if (!MayEndAt(csv.cells.size())) {
      AddError(Finding("", "CELL_COUNT",
                       absl::StrCat("has ", csv.cells.size(), " cells; there are ", columns_.size(), " headings")),
               row);
    }
    row.values.columns = SharedColumns(std::min(csv.cells.size(), columns_.size()));
    if (row.errors.empty()) {
      for (std::size_t i = 0; i < csv.cells.size(); ++i) ReadCellOf(csv, i, row);
      CheckId(row);
    }
    if (row.values.id.empty()) RefuseUnread(row);  // a new record has nothing from before
    table_.rows.push_back(std::move(row));
  }

  void ReadCellOf(const CsvRow& csv, std::size_t i, ReadRow& row) {
    const std::string& cell = csv.cells[i];
    if (HoldsDates(columns_[i]) && cell.find('/') != std::string::npos) french_dates_ = true;
    if (columns_[i].role != ColumnRole::kShown && IsAmbiguousDate(i, cell)) {
      const std::string finding =
          ": its day and month cannot be told apart; dates FRENCH says that the day comes first";
      AddError(Finding(Heading(i), "DATES_AMBIGUOUS", QuotedValue(std::string(TrimCell(cell))) + finding), row);
      return;
    }
    const absl::Status read = ReadCell(schema_, columns_[i], cell, table_.dialect, row.values);
    if (read.ok()) return;
    v1::RowFinding finding = Finding(Heading(i), ReasonOf(read), std::string(read.message()));
    // What could be either of two numbers may well have been edited.
    if (columns_[i].role == ColumnRole::kAttribute && finding.reason() != "DECIMALS_AMBIGUOUS") {
      AddUnread(columns_[i].key, std::move(finding), row);
    } else {
      AddError(std::move(finding), row);
    }
  }

  void CheckId(ReadRow& row) {
    if (row.values.id.empty()) return;
    const auto [former, first] = ids_.emplace(row.values.id, row.row);
    if (first) return;
    std::string heading;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].role == ColumnRole::kId) heading = Heading(i);
    }
    AddError(Finding(heading, "ID_REPEATED",
                     absl::StrCat(QuotedValue(row.values.id), ": row ", former->second, " has it too")),
             row);
  }

  const TableSchema& schema_;
  const std::vector<v1::TableColumn>& mapping_;
  ReadTable table_;
  std::vector<CsvRow> csv_;
  std::vector<TableField> columns_;
  std::vector<std::shared_ptr<const TableColumns>> shared_columns_;  // by their number; null: no row has so many
  std::map<std::string, int> ids_;                                   // and the rows that have them
  bool french_dates_ = false;
  std::size_t further_findings_ = 0;  // beside the first one of each row
};

}  // namespace

absl::StatusOr<ReadTable> ReadTableBytes(const TableSchema& schema, std::string_view bytes,
                                         const v1::TableDialect& dialect, const std::vector<v1::TableColumn>& mapping) {
  return TableReader(schema, dialect, mapping).Read(bytes);
}

std::int64_t TableMemory(const ReadTable& table) {
  std::size_t bytes = 0;
  for (const ReadRow& row : table.rows) {
    const TableValues& values = row.values;
    bytes += sizeof(ReadRow) + values.values->SpaceUsedLong();
    bytes += values.id.capacity() + values.etag.capacity() + values.state.capacity() + values.comment.capacity();
    for (const auto& [key, value] : values.labels) {
      bytes += kNodeBytes + 2 * sizeof(std::string) + key.capacity() + value.capacity();
    }
    for (const auto& [id, value] : values.attributes) {
      bytes += kNodeBytes + sizeof(std::string) + id.capacity() + value.SpaceUsedLong();
    }
    for (const auto& [id, cell] : values.attribute_cells) {
      bytes += kNodeBytes + 2 * sizeof(std::string) + id.capacity() + cell.capacity();
    }
    for (const auto& [id, finding] : values.unread) {
      bytes += kNodeBytes + sizeof(std::string) + id.capacity() + finding.SpaceUsedLong();
    }
    for (const v1::RowFinding& error : row.errors) bytes += error.SpaceUsedLong();
  }
  return static_cast<std::int64_t>(bytes);
}

std::int64_t TableReadingMemory(std::string_view bytes) {
  // Where each cell ends, whatever the delimiter is.
  const auto ends = std::count_if(bytes.begin(), bytes.end(),
                                  [](char c) { return c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r'; });
  const std::int64_t cells = std::min<std::int64_t>(ends + 1, CsvLimits().cells);
  return cells * static_cast<std::int64_t>(sizeof(std::string));
}

v1::RowFinding FindingOf(const absl::Status& status, const std::vector<v1::TableColumn>& columns) {
  std::string field = ErrorMetadataOf(status, "field");
  std::string message(status.message());
  for (const std::string_view prefix : {"row.", "deliverable.", "document."}) {
    if (!field.starts_with(prefix)) continue;
    field.erase(0, prefix.size());
    if (message.starts_with(prefix)) message.erase(0, prefix.size());
  }
  std::string column = field.ends_with("_id") ? "id" : ColumnOfField(field);
  if (column == "row") column.clear();
  if (ReasonOf(status) == "TRANSITION_NOT_ALLOWED") column = "state";
  return MakeFinding(columns, column, ReasonOf(status), message);
}

v1::RowFinding MakeFinding(const std::vector<v1::TableColumn>& columns, const std::string& name,
                           const std::string& reason, const std::string& message) {
  // A field that the table has no column for is told by its own name.
  std::string heading = name;
  for (const v1::TableColumn& column : columns) {
    const std::string& field = column.field();
    const bool comment = name == "comment" && (field == "outcome" || field == "closing_comment");
    const bool all = name.starts_with("labels.") && field == "labels";
    if (!field.empty() && (field == name || all || comment)) heading = column.heading();
  }
  return Finding(heading, reason, message);
}

}  // namespace greffe
