// Putting many local files into a project.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/glob.h"
#include "clients/cli/local_files.h"
#include "clients/cli/session.h"

namespace greffe::cli {

struct PutRules {
  TypeRules types;  // of documents that are new
  std::string comment;
  bool allow_identical = false;
  bool one_named = false;       // a single file, by its name: it is refused where it would be left out of several
  bool skip_bad_paths = false;  // leaves out what the server refuses for its path, rather than fail
  v1::Document fields;          // owner, labels and such of documents that are new
};

// Checks the files in, in as few atomic commits as the limits allow: 1,000 files each, 100 of them too large to travel
// inside the request. Each becomes a document, or a version of the document at its path; one whose content is the
// latest version's is not sent. Left out are a file with an older version's content, which would take back what others
// made since (OLDER_VERSION; FAILED_PRECONDITION for the `one_named`), and one that is a companion of another's
// document (COMPANION). Answers each outcome as it is known: to people in a table at the end with counts, else as JSON,
// one CheckInResponse a line.
absl::Status PutFiles(Session& session, LocalFiles files, const PutRules& rules);

// Writes what was left out to the error stream, each once, and how many by reason. Nothing when there is nothing.
void ReportSkipped(Session& session, const std::vector<Skipped>& skipped);

}  // namespace greffe::cli
