// What the server fills the fields of templates with. Names: templates.proto.
#pragma once

#include <string>

#include "greffe/v1/common.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/template_fields.h"

namespace greffe {

// What the values come from. All outlive the call.
struct TemplateFacts {
  const v1::Project& project;
  const v1::Document& document;  // the new one; its name may be empty
  const v1::Principal& author;
  const v1::Document& source;  // the template
  const v1::Version& version;  // the template's
  std::string date;            // "2026-03-31"
};

// Those that have a value.
FieldValues ServerValues(const TemplateFacts& facts);

// Adds what the caller gives. INVALID_ARGUMENT naming "fields[<name>]": too many, too long, with a control character,
// or one that the server fills (but for `date`).
absl::Status AddGivenValues(const google::protobuf::Map<std::string, std::string>& given, FieldValues& values);

}  // namespace greffe
