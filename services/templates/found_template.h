// The version of a template that a request names, its file, and what its fields are filled with.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "greffe/v1/common.pb.h"
#include "services/call/runtime.h"
#include "services/templates/template_file.h"

namespace greffe {

struct FoundTemplate {
  std::string project;  // id
  v1::Document document;
  v1::Version version;
};

// `name` of a document: its released version, or the latest one while none is released; or of a version. Errors name
// "template". FAILED_PRECONDITION (NOT_A_TEMPLATE, DOCUMENT_WITHDRAWN, NO_CONTENT, ...). `as_of` is of `project`: of
// another one's template it may be a time alone.
absl::StatusOr<FoundTemplate> FindTemplate(const Store& store, const std::string& name, const std::string& project,
                                           const v1::AsOf& as_of);

// Reads from disk.
absl::StatusOr<std::unique_ptr<TemplateFile>> OpenTemplate(const Runtime& runtime, const FoundTemplate& found);

}  // namespace greffe
