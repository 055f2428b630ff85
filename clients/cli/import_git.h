// Import of git histories.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/session.h"

namespace greffe::cli {

struct GitImport {
  std::string source;              // folder of a repository, or bundle file
  std::string ref;                 // empty: HEAD, or the only branch
  std::vector<std::string> paths;  // globs; empty: everything
  std::vector<std::string> type_by;
  std::string type;
  std::string on_bad_path = "skip";
  std::string source_id;  // empty: from the source's name
};

// Imports what is new of the source into the session's project and reports it. A broken connection is taken up again
// where the server stands. FAILED_PRECONDITION (IMPORT_SOURCE_REWRITTEN) when what was imported last is not on the
// source's first-parent line any more.
absl::Status ImportGit(Session& session, const GitImport& options);

}  // namespace greffe::cli
