// What a row of a table says of a record.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "greffe/v1/common.pb.h"
#include "greffe/v1/tables.pb.h"
#include "storage/base/table_schema.h"

namespace greffe {

// What a table has columns for; all its rows with as many cells share it.
struct TableColumns {
  std::vector<TableField> fields;
  std::vector<std::string> labels;      // their keys
  std::vector<std::string> attributes;  // their ids
  v1::TableDialect dialect;             // as it was found
};

// What a row of a table says.
struct TableValues {
  std::string id;                               // empty: a new one
  std::string etag;                             // empty: any
  std::shared_ptr<const TableColumns> columns;  // not null in a row of a table
  RecordPtr values;                             // `columns->fields`, in a message of the collection
  bool all_labels = false;                      // `labels` are all of them
  // Those that it gives: one that has a column of its own and is not there is taken away.
  std::map<std::string, std::string> labels;
  std::map<std::string, v1::AttributeValue> attributes;
  // Cells of attributes, by id, that are not the text of the value in `attributes`.
  std::map<std::string, std::string> attribute_cells;
  // What is wrong with those that their definitions refuse: it is told unless the record has just that, from before its
  // definition became what it is.
  std::map<std::string, v1::RowFinding> unread;
  std::string state;  // its short name; empty: as it is
  std::string comment;
};

// Whether the row has in an attribute's cell what a table shows of `record`.
bool ShowsAttribute(const TableValues& row, const std::string& id, const google::protobuf::Message& record);

// Gives `record`, of the collection, what the row says; its state stays, and so does what a table shows so already.
void ApplyValues(const TableValues& row, google::protobuf::Message& record);

}  // namespace greffe
