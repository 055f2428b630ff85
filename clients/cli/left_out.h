// Files that a run left out, and what is told of them.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "clients/cli/local_files.h"
#include "clients/cli/session.h"

namespace greffe::cli {

// Writes what was left out to the error stream, each once, and how many by reason; as JSON also to the output, each on
// a line: {"skipped": {"path", "reason", "detail"}}. Nothing when there is nothing.
void ReportSkipped(Session& session, const std::vector<Skipped>& skipped);

// Whether `status` is of a local file that was not read: another program works on it (LOCAL_FILE_CHANGED,
// LOCAL_FILE_NOT_FOUND), or it cannot be (LOCAL_FILE_ERROR).
bool IsUnread(const absl::Status& status);

// Such a one, for `path` in the project.
Skipped UnreadFile(const std::string& path, const absl::Status& status);

// FAILED_PRECONDITION, with the first one's reason, when something was left out that somebody may have meant to put:
// what IsUnread; else what has the content of an older version (OLDER_VERSION) or of a withdrawn document
// (DOCUMENT_WITHDRAWN), or is of a document that somebody else has checked out (DOCUMENT_LOCKED).
absl::Status StatusOfSkipped(const std::vector<Skipped>& skipped);

}  // namespace greffe::cli
