// The file of a template: text, docx or xlsx. Bytes in, bytes out.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/templates.pb.h"
#include "storage/base/template_fields.h"

namespace greffe {

// Not thread-safe.
class TemplateFile {
 public:
  // FAILED_PRECONDITION (TEMPLATE_FORMAT_UNSUPPORTED, TEMPLATE_INVALID, TEMPLATE_DAMAGED, TEMPLATE_TOO_LARGE).
  static absl::StatusOr<std::unique_ptr<TemplateFile>> Open(std::string content, const TemplateLimits& limits);
  virtual ~TemplateFile() = default;

  virtual v1::TemplateFormat format() const = 0;
  virtual const std::set<std::string>& fields() const = 0;
  // The same file with every field replaced by its value; each of fields() has one. FAILED_PRECONDITION
  // (TEMPLATE_TOO_LARGE), INVALID_ARGUMENT (FIELD_INVALID) for a value that the format cannot hold. Once.
  virtual absl::StatusOr<std::string> Fill(const FieldValues& values) = 0;
};

// Of a docx or xlsx; see TemplateFile::Open.
absl::StatusOr<std::unique_ptr<TemplateFile>> OpenOfficeTemplate(const std::string& content,
                                                                 const TemplateLimits& limits);

}  // namespace greffe
