// The columns that tables of a collection may have: said by the fields of its message, and by the project's attributes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/record_kinds.h"

namespace greffe {

enum class ColumnRole {
  kShown,      // no import sets it
  kId,         // the last part of the name
  kEtag,       //
  kField,      // callers set it, some only on creation
  kState,      // changed by transitions
  kComment,    // what is said at a change of state
  kLabel,      // one label
  kLabels,     // all of them
  kAttribute,  //
};

struct TableField {
  ColumnRole role = ColumnRole::kShown;
  std::string name;                                          // of the column: "title", "labels.site"
  const google::protobuf::FieldDescriptor* field = nullptr;  // of the message
  std::string key;                                           // of a label or an attribute
  v1::AttributeType type = v1::ATTRIBUTE_TYPE_UNSPECIFIED;   // of an attribute

  bool immutable() const;  // set on creation alone
};

class TableSchema {
 public:
  // Of `documents`, `deliverables` or a register. INVALID_ARGUMENT (COLLECTION_UNKNOWN) naming `field`.
  static absl::StatusOr<TableSchema> Make(const v1::Project& project, std::string_view collection,
                                          const std::string& field);

  const std::string& project() const { return project_; }  // its id
  const std::string& collection() const { return collection_; }
  const RecordKind* kind() const { return kind_; }  // nullptr: documents
  const google::protobuf::Message& prototype() const { return *prototype_; }

  // What an import sets, as an export writes it.
  std::vector<TableField> Importable() const;

  // The column of that name. INVALID_ARGUMENT (COLUMN_UNKNOWN) naming `field`.
  absl::StatusOr<TableField> Find(std::string_view name, const std::string& field) const;
  // The same for what stands above a column: its name in any spelling, or what people call it.
  absl::StatusOr<TableField> FindHeading(std::string_view heading, const std::string& field) const;

 private:
  TableSchema() = default;
  void AddFields(std::string_view title);

  std::string project_;
  std::string collection_;
  const RecordKind* kind_ = nullptr;
  const google::protobuf::Message* prototype_ = nullptr;
  std::vector<TableField> fields_;
  std::vector<std::string> titles_;  // of each, normalised; "" for one that has no other name
};

// A column's name by the field that an error names below the row's message: "labels[site]" -> "labels.site",
// "attendees[3]" -> "attendees".
std::string ColumnOfField(std::string_view field);

}  // namespace greffe
