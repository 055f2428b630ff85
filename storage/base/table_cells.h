// Values of records as cells of a table.
#pragma once

#include <string>

#include "google/protobuf/message.h"
#include "greffe/v1/common.pb.h"
#include "greffe/v1/tables.pb.h"
#include "storage/base/table_schema.h"

namespace greffe {

// A record's value in a column.
std::string WriteCell(const TableSchema& schema, const TableField& column, const google::protobuf::Message& record,
                      const v1::TableDialect& dialect);

// An attribute's value, whatever its definition says by now.
std::string WriteAttribute(const v1::AttributeValue& value, const v1::TableDialect& dialect);

// Whether the cells of a column are numbers with decimals, and whether they are dates.
bool HoldsDecimals(const TableField& column);
bool HoldsDates(const TableField& column);

}  // namespace greffe
