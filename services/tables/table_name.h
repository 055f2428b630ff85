// `projects/{project}/{collection}`: what a table is of.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/utf8.h"

namespace greffe {

struct TableName {
  std::string project;
  std::string collection;  // not looked at
};

inline absl::StatusOr<TableName> ParseTableName(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos) {
    return InvalidField("parent", "NAME_INVALID",
                        "'" + PrintableUtf8(name.substr(0, 200)) + "': expected projects/{project}/{collection}");
  }
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(std::string_view(name).substr(0, slash), "parent"));
  return TableName{std::move(project), name.substr(slash + 1)};
}

}  // namespace greffe
