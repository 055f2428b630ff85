// Values of attributes as people write them, typed as their project defines.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/session.h"

namespace greffe::cli {

using Attributes = google::protobuf::Map<std::string, v1::AttributeValue>;

// Takes `ID=VALUE` options over into `attributes`; one without a value is taken away. `project` is its name.
absl::Status SetAttributes(Session& session, const std::string& project, const std::vector<std::string>& pairs,
                           Attributes& attributes);

// The value as people write it.
std::string AttributeText(const v1::AttributeValue& value);

}  // namespace greffe::cli
