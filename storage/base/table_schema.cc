#include "storage/base/table_schema.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "greffe/v1/annotations.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/documents.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/register_entry.h"
#include "storage/base/table_dialect.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kDocuments[] = "documents";
constexpr std::size_t kMaxNamesTold = 1000;  // bytes: an error goes in the trailers of a call
constexpr std::string_view kLabelPrefix = "labels.";
constexpr std::string_view kAttributePrefix = "attributes.";

// What acts set in documents and deliverables, whose fields do not say it.
bool IsServerSet(const FieldDescriptor& field) {
  static const auto& names = *new std::set<std::string>{"latest_version", "released_version", "revision", "actual_date",
                                                        "slips",          "submissions",      "template"};
  return names.contains(field.name()) || field.options().GetExtension(v1::behavior) == v1::FIELD_BEHAVIOR_SERVER_SET ||
         field.options().GetExtension(v1::behavior) == v1::FIELD_BEHAVIOR_OUTPUT_ONLY;
}

bool IsColumn(const FieldDescriptor& field) {
  if (field.is_map()) return field.name() == "labels";
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  if (field.is_repeated()) return !IsServerSet(field);
  return field.message_type() == google::protobuf::Timestamp::descriptor();
}

ColumnRole RoleOf(const FieldDescriptor& field) {
  const std::string& name = field.name();
  if (name == "name") return ColumnRole::kId;
  if (name == "etag") return ColumnRole::kEtag;
  if (name == "state") return ColumnRole::kState;
  if (name == "labels") return ColumnRole::kLabels;
  if (name == "outcome" || name == "closing_comment") return ColumnRole::kComment;
  return IsServerSet(field) ? ColumnRole::kShown : ColumnRole::kField;
}

// "Review date" -> "review_date".
std::string Normalized(std::string_view heading) {
  std::string name;
  for (const char c : OneLine(heading)) {
    name += c == ' ' || c == '-' ? '_' : absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return name;
}

}  // namespace

bool TableField::immutable() const {
  return role == ColumnRole::kField && field->options().GetExtension(v1::behavior) == v1::FIELD_BEHAVIOR_IMMUTABLE;
}

absl::StatusOr<TableSchema> TableSchema::Make(const v1::Project& project, std::string_view collection,
                                              const std::string& field) {
  TableSchema schema;
  schema.project_ = LastSegment(project.name());
  schema.collection_ = std::string(collection);
  std::string title;
  if (collection == kDocuments) {
    schema.prototype_ = &v1::Document::default_instance();
    title = "number";
  } else {
    if (collection == KindOf<v1::Deliverable>().collection) {
      schema.kind_ = &KindOf<v1::Deliverable>();
      title = "deliverable";
    } else {
      GREFFE_ASSIGN_OR_RETURN(schema.kind_, FindRegister(collection, field));
      title = schema.kind_->prototype->GetDescriptor()->options().GetExtension(v1::register_policy).title();
    }
    schema.prototype_ = schema.kind_->prototype;
  }
  schema.AddFields(title);
  if (schema.prototype_->GetDescriptor()->FindFieldByName("attributes") == nullptr) return schema;
  for (const v1::AttributeDefinition& definition : project.attribute_definitions()) {
    if (!AppliesTo(definition, collection)) continue;
    schema.fields_.push_back({ColumnRole::kAttribute, std::string(kAttributePrefix) + definition.id(), nullptr,
                              definition.id(), definition.type()});
    schema.titles_.push_back(Normalized(definition.title()));
  }
  return schema;
}

void TableSchema::AddFields(std::string_view title) {
  const auto& type = *prototype_->GetDescriptor();
  const auto add = [this](const FieldDescriptor& field, const std::string& name, std::string heading) {
    fields_.push_back({RoleOf(field), name, &field, "", v1::ATTRIBUTE_TYPE_UNSPECIFIED});
    titles_.push_back(std::move(heading));
  };
  add(*type.FindFieldByName("name"), "id", Normalized(title));
  add(*type.FindFieldByName("etag"), "etag", "");
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.name() == "name" || field.name() == "etag" || !IsColumn(field)) continue;
    add(field, field.name(), field.options().GetExtension(v1::rule).due() ? "due" : "");
  }
}

std::vector<TableField> TableSchema::Importable() const {
  std::vector<TableField> fields;
  for (const TableField& field : fields_) {
    if (field.role != ColumnRole::kShown) fields.push_back(field);
  }
  return fields;
}

absl::StatusOr<TableField> TableSchema::Find(std::string_view name, const std::string& field) const {
  for (const TableField& known : fields_) {
    if (known.name == name) return known;
  }
  const FieldDescriptor* labels = prototype_->GetDescriptor()->FindFieldByName("labels");
  if (labels != nullptr && name.starts_with(kLabelPrefix) && name.size() > kLabelPrefix.size()) {
    return TableField{ColumnRole::kLabel, std::string(name), labels, std::string(name.substr(kLabelPrefix.size())),
                      v1::ATTRIBUTE_TYPE_UNSPECIFIED};
  }
  std::vector<std::string> names;
  std::size_t bytes = 0;
  for (const TableField& known : fields_) {
    if (known.role == ColumnRole::kShown) continue;
    // A project may define a great many attributes.
    if ((bytes += known.name.size()) > kMaxNamesTold) {
      names.emplace_back("...");
      break;
    }
    names.push_back(known.name);
  }
  return InvalidField(field, "COLUMN_UNKNOWN",
                      QuotedValue(name) + ": " + collection_ +
                          " have no such column; those that are read: " + absl::StrJoin(names, ", "),
                      {{"column", ShownValue(name)}});
}

absl::StatusOr<TableField> TableSchema::FindHeading(std::string_view heading, const std::string& field) const {
  const std::string name = Normalized(heading);
  for (const TableField& known : fields_) {
    if (known.name == name) return known;
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!name.empty() && titles_[i] == name) return fields_[i];
  }
  // A label's key is kept as it is written.
  return Find(TrimCell(heading), field);
}

std::string ColumnOfField(std::string_view field) {
  const std::size_t bracket = field.find('[');
  const std::string name(field.substr(0, bracket));
  const bool map = name == "labels" || name == "attributes";
  if (!map || bracket == std::string_view::npos) return name.substr(0, name.find('.'));
  return name + "." + std::string(field.substr(bracket + 1, field.rfind(']') - bracket - 1));
}

}  // namespace greffe
