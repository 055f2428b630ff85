// Answers about tables, as far as they can be foretold.
#pragma once

#include <memory>

#include "google/protobuf/message.h"
#include "greffe/v1/tables.pb.h"

namespace greffe::model {

bool IsAboutTable(const google::protobuf::Message& answer);
// Such an answer without what is said to people alone; a table's cells all in quotes. Whether an import that changed
// nothing was done before says nobody.
std::shared_ptr<google::protobuf::Message> Foretold(const google::protobuf::Message& answer);
// What a repetition of the import is told.
v1::ImportTableResponse AsReplayed(v1::ImportTableResponse answer);

}  // namespace greffe::model
