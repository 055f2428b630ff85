// Putting many local files into a project.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "clients/cli/glob.h"
#include "clients/cli/local_files.h"
#include "clients/cli/session.h"

namespace greffe::cli {

struct PutRules {
  TypeRules types;  // of documents that are new
  std::string comment;
  bool allow_identical = false;
  bool allow_older = false;     // puts also what has the content of an older version, or of a withdrawn document
  bool one_named = false;       // a single file, by its name: it is refused where it would be left out of several
  bool skip_bad_paths = false;  // leaves out what the server refuses for its path, rather than fail
  v1::Document fields;          // owner, labels and such of documents that are new
};

// Checks the files in, in as few atomic commits as the limits allow: 1,000 files each, 100 of them too large to travel
// inside the request. Each becomes a document, or a version of the document at its path; one whose content is the
// latest version's is not sent. Left out, or FAILED_PRECONDITION for the `one_named`, are
//  - a file with an older version's content, which would take back what others made since (OLDER_VERSION);
//  - one with a content that the withdrawn document at its path had, which somebody took away (DOCUMENT_WITHDRAWN);
//  - one that lies where a companion of another document does, or would (COMPANION);
//  - one of a document that somebody else has checked out (DOCUMENT_LOCKED);
//  - one that others write to, or take away, meanwhile (LOCAL_FILE_CHANGED, LOCAL_FILE_NOT_FOUND), or that cannot be
//    read (LOCAL_FILE_ERROR).
// Answers each outcome as it is known: to people in a table at the end with counts, else as JSON, one CheckInResponse a
// line; then what was left out (ReportSkipped). When all else is done, StatusOfSkipped.
absl::Status PutFiles(Session& session, LocalFiles files, const PutRules& rules);

}  // namespace greffe::cli
