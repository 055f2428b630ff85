// What becomes of the changes of a source commit.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/git_history.h"
#include "clients/cli/glob.h"
#include "clients/cli/local_files.h"
#include "greffe/v1/imports.pb.h"

namespace greffe::cli {

// A change to import, and the blob that it needs.
struct PlannedChange {
  v1::ImportChange change;
  std::string blob;         // empty: none
  bool upload = false;      // the blob travels as an upload, however small it is
  bool if_missing = false;  // a rename that changes nothing: the blob counts if its former path was not kept
};

// What to import of a commit, and with what types.
struct ImportSelection {
  std::vector<std::string> paths;  // globs; empty: everything
  TypeRules types;
  bool Takes(const std::string& path) const;
};

// The changes of `commit` as Greffe takes them: deletions and renames first. What cannot be kept goes to `skipped`:
// symbolic links (SYMLINK), submodules (SUBMODULE), executable bits (EXECUTABLE_BIT; the content is kept). A rename
// into or out of the selection is an addition or a deletion.
std::vector<PlannedChange> PlanChanges(const GitCommit& commit, const ImportSelection& selection,
                                       std::vector<Skipped>& skipped);

}  // namespace greffe::cli
