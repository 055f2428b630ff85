// Cells of a table as values of records.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "greffe/v1/tables.pb.h"
#include "storage/base/table_schema.h"
#include "storage/base/table_values.h"

namespace greffe {

// Takes a cell, which is UTF-8, into `values`; of an attribute also one that it refuses. INVALID_ARGUMENT naming the
// column: DATE_INVALID, NUMBER_INVALID, DECIMALS_AMBIGUOUS, ENUM_INVALID, JSON_INVALID, LABEL_INVALID.
absl::Status ReadCell(const TableSchema& schema, const TableField& column, const std::string& cell,
                      const v1::TableDialect& dialect, TableValues& values);

}  // namespace greffe
