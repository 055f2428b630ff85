// A table, read: what its rows say, and what is wrong with them. Functions of values alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/tables.pb.h"
#include "storage/base/table_schema.h"
#include "storage/base/table_values.h"

namespace greffe {

// So many findings a row has at most, and beside the first one of each row a table: what nobody reads is not kept.
inline constexpr std::size_t kMaxRowFindings = 20;
inline constexpr std::size_t kMaxTableFindings = 20'000;

struct ReadRow {
  int row = 0;
  int line = 0;
  TableValues values;
  std::vector<v1::RowFinding> errors;  // whatever its record has; see TableValues::unread
};

struct ReadTable {
  v1::TableDialect dialect;              // as it was found
  std::vector<v1::TableColumn> columns;  // headings, and what they stand for
  std::vector<ReadRow> rows;             // those that have a value
};

// Reads bytes as `dialect` says, columns by their headings but for those of `mapping`. INVALID_ARGUMENT naming "data",
// "dialect" or "columns": TABLE_EMPTY, TABLE_TOO_LARGE, ENCODING_UNKNOWN, QUOTE_UNCLOSED, COLUMN_UNKNOWN,
// COLUMN_REPEATED.
absl::StatusOr<ReadTable> ReadTableBytes(const TableSchema& schema, std::string_view bytes,
                                         const v1::TableDialect& dialect, const std::vector<v1::TableColumn>& mapping);

// About so many bytes of memory `table` takes.
std::int64_t TableMemory(const ReadTable& table);
// So many the cells of `bytes` take at most beside their text, while ReadTableBytes reads them.
std::int64_t TableReadingMemory(std::string_view bytes);

// What a status of an act says of a row, with the heading of the column that it is about.
v1::RowFinding FindingOf(const absl::Status& status, const std::vector<v1::TableColumn>& columns);

// A finding of that column by its name; "": the whole row.
v1::RowFinding MakeFinding(const std::vector<v1::TableColumn>& columns, const std::string& column,
                           const std::string& reason, const std::string& message);

}  // namespace greffe
