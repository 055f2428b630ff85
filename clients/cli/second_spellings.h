// Files of a source commit that differ in their Unicode spelling alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/git_changes.h"
#include "clients/cli/git_history.h"
#include "clients/cli/git_process.h"
#include "clients/cli/local_files.h"

namespace greffe::cli {

// Paths are kept in NFC, so of two such files one is the document: the one that is in NFC itself.
class SecondSpellings {
 public:
  // Of the repository at `folder`.
  explicit SecondSpellings(std::string folder) : folder_(std::move(folder)) {}

  // Takes what `commit` did to the other one out of its changes, as long as the commit has both: what it writes goes to
  // `skipped` (PATH_TAKEN), and its deletion is not that of the document. Those that `selection` does not take do not
  // count.
  absl::Status TakeOut(const ImportSelection& selection, GitCommit& commit, std::vector<Skipped>& skipped);

 private:
  absl::StatusOr<bool> IsSecond(const ImportSelection& selection, const std::string& commit, const std::string& path);

  const std::string folder_;
  std::unique_ptr<GitProcess> objects_;  // once a path is not in NFC
};

}  // namespace greffe::cli
