// Comma separated values (RFC 4180) as spreadsheets write and read them. Functions of bytes; what they mean is said by
// table_dialect.h and table_columns.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

struct CsvLimits {
  int rows = 50'001;
  int columns = 500;
  int cells = 4'000'000;
};

// What is wrong with a row's form.
struct CsvFault {
  int column = 0;  // from 0 on
  std::string reason;
  std::string finding;
};

struct CsvRow {
  int row = 0;   // as a spreadsheet counts, from 1 on
  int line = 0;  // in which it begins
  std::vector<std::string> cells;
  std::optional<CsvFault> fault;
};

// Cuts bytes of any encoding that has ASCII inside into rows. Rows end with LF, CR LF or CR; line ends inside quotes
// become LF. A row with a quote where none may be (QUOTE_MISPLACED) is kept, with its fault. INVALID_ARGUMENT naming
// "data": QUOTE_UNCLOSED, with the row where the quote opens; TABLE_TOO_LARGE.
absl::StatusOr<std::vector<CsvRow>> ParseCsv(std::string_view bytes, char delimiter, const CsvLimits& limits = {});

// What is between the cells of the first row: ',' where it has but one. A first line `sep=;`, which some spreadsheets
// write and hide, says it; it is taken off `bytes`.
char DetectDelimiter(std::string_view& bytes);

// `text` with the line ends that it has in a cell once it was read.
std::string AsInCell(const std::string& text);

// Adds a row to `out`; cells that need it are quoted.
void AppendCsvRow(const std::vector<std::string>& cells, char delimiter, std::string& out);

// `text`, with a ' in front where a spreadsheet would take it for a formula (or where it would be taken off again).
std::string GuardFormula(std::string text);
// Takes that ' off again.
std::string WithoutGuard(std::string text);

}  // namespace greffe
