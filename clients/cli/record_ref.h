// How people name records: by their ids.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/session.h"

namespace greffe::cli {

// `projects/{p}/{collection}/{id}` of an id, or of such a name.
absl::StatusOr<std::string> RecordNameOf(Session& session, const std::string& collection, const std::string& text);

}  // namespace greffe::cli
