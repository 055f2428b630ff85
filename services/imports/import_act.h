// One source commit as an act on the project.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/imports.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

struct ImportFile {
  v1::ImportAction action = v1::IMPORT_ACTION_UNSPECIFIED;
  std::string path;
  std::string previous_path;
  std::string document_type;
  std::optional<StagedContent> content;
};

struct ImportedCommit {
  std::string message;
  std::string owner;  // of the documents that it creates: a principal's id
  v1::BadPathPolicy policy = v1::BAD_PATH_POLICY_UNSPECIFIED;
  std::vector<ImportFile> files;
};

// What is deleted and renamed goes first. A file that cannot be kept (its name, or a clash) is reported in `outcome`,
// or fails the act, as the policy says. A path that comes back after a deletion is a new document.
absl::Status RunImport(Transaction& transaction, ImportedCommit& commit, v1::ImportCommitsResponse& outcome);

}  // namespace greffe
