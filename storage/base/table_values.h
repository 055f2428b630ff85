// What a row of a table says of a record.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "greffe/v1/common.pb.h"
#include "storage/base/table_schema.h"

namespace greffe {

// What a row of a table says.
struct TableValues {
  std::string id;    // empty: a new one
  std::string etag;  // empty: any
  RecordPtr values;  // the fields that it gives, in a message of the collection
  std::vector<TableField> fields;
  bool all_labels = false;                    // `labels` are all of them
  std::map<std::string, std::string> labels;  // unless they are all, an empty value takes the label away
  std::map<std::string, std::optional<v1::AttributeValue>> attributes;  // nullopt: takes it away
  std::string state;                                                    // its short name; empty: as it is
  std::string comment;
};

// Gives `record`, of the collection, what the row says; its state stays.
void ApplyValues(const TableValues& row, google::protobuf::Message& record);

}  // namespace greffe
