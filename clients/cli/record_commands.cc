#include "clients/cli/record_commands.h"

#include "clients/cpp/macros.h"

namespace greffe::cli {

absl::StatusOr<std::string> RecordNameOf(Session& session, const std::string& collection, const std::string& text) {
  if (text.starts_with("projects/")) return text;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
  return parent + "/" + collection + "/" + text;
}

}  // namespace greffe::cli
