// Names of resources in the cells of a table: as short as they can be.
#pragma once

#include <string>

#include "google/protobuf/message.h"
#include "storage/base/table_schema.h"

namespace greffe {

// Whether the field's values name resources.
bool NamesResources(const google::protobuf::FieldDescriptor& field);

// "projects/apollo/milestones/G1" -> "milestones/G1", or "G1" where the field says which collection it is.
std::string WriteResource(const TableSchema& schema, const google::protobuf::FieldDescriptor& field, std::string name);

// The other way; names of other projects stay whole.
std::string ReadResource(const TableSchema& schema, const google::protobuf::FieldDescriptor& field, std::string name);

}  // namespace greffe
