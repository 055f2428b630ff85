// What a row of a table says of a record.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "greffe/v1/common.pb.h"
#include "storage/base/table_schema.h"

namespace greffe {

// What a table has columns for; all its rows share it.
struct TableColumns {
  std::vector<TableField> fields;
  std::vector<std::string> labels;      // their keys
  std::vector<std::string> attributes;  // their ids
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
  std::string state;  // its short name; empty: as it is
  std::string comment;
};

// Gives `record`, of the collection, what the row says; its state stays.
void ApplyValues(const TableValues& row, google::protobuf::Message& record);

}  // namespace greffe
