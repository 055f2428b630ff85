#include "storage/base/table_resources.h"

#include <map>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "greffe/v1/annotations.pb.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;

// The collection of resources that a field names by their ids alone; "": their names say it.
std::string_view CollectionNamed(const FieldDescriptor& field) {
  static const auto& collections = *new std::map<std::string, std::string>{{"documents", "documents/"},
                                                                           {"milestone", "milestones/"},
                                                                           {"previous_meeting", "meetings/"},
                                                                           {"checklist", "checklists/"},
                                                                           {"carried_actions", "actions/"}};
  const auto found = collections.find(field.name());
  return found == collections.end() ? std::string_view() : found->second;
}

}  // namespace

bool NamesResources(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::rule).kind() == v1::VALUE_KIND_RESOURCE || !CollectionNamed(field).empty();
}

std::string WriteResource(const TableSchema& schema, const FieldDescriptor& field, std::string name) {
  const std::string project = "projects/" + schema.project() + "/";
  if (name.starts_with(project)) name.erase(0, project.size());
  const std::string_view collection = CollectionNamed(field);
  if (!collection.empty() && name.starts_with(collection)) name.erase(0, collection.size());
  return name;
}

std::string ReadResource(const TableSchema& schema, const FieldDescriptor& field, std::string name) {
  if (name.empty() || name.starts_with("projects/")) return name;
  if (name.find('/') == std::string::npos) name.insert(0, CollectionNamed(field));
  return "projects/" + schema.project() + "/" + name;
}

}  // namespace greffe
