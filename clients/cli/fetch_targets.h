// The local files that a run is going to write.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/session.h"
#include "clients/cpp/content_source.h"
#include "clients/cpp/file_stamp.h"

namespace greffe::cli {

// Takes all files that one run writes, before it writes the first.
class FetchTargets {
 public:
  // `replace_edits`: what was edited here is replaced like any other file.
  FetchTargets(Session& session, bool replace_edits) : session_(session), replace_edits_(replace_edits) {}

  // `document` goes to the local file `target`. INVALID_ARGUMENT (PATH_TWICE) when another document does already.
  absl::Status Add(const std::string& target, const v1::Document& document);

  // The same for a file whose name the run found, and no person gave: one that is there already is looked at for edits.
  // Answers what the run may replace.
  absl::StatusOr<client::ExpectedFile> AddFound(const std::string& target, const v1::Document& document);

  // FAILED_PRECONDITION (LOCAL_FILE_EDITED) when a found file has a content that no version of its document has:
  // nothing could bring it back.
  absl::Status CheckEdits() const;

 private:
  struct Origin {
    std::string name;
    std::string path;               // in the project
    client::ExpectedFile expected;  // of a found one
  };
  absl::StatusOr<Origin*> AddAs(std::string spelling, const std::string& target, const v1::Document& document);
  // Whether `content`, which lies where `document` goes, is none of its versions'.
  absl::StatusOr<bool> IsEdited(const client::ContentSource& content, const v1::Document& document);

  Session& session_;
  const bool replace_edits_;
  std::vector<std::string> edited_;
  std::map<std::string, Origin> origins_;  // by the absolute path of the file that is written
};

}  // namespace greffe::cli
