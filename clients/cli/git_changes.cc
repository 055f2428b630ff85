#include "clients/cli/git_changes.h"

#include <algorithm>

namespace greffe::cli {
namespace {

bool IsFile(const std::string& mode) { return mode.rfind("100", 0) == 0; }
bool IsExecutable(const std::string& mode) { return mode == "100755"; }

PlannedChange Planned(v1::ImportAction action, const std::string& path, const std::string& blob) {
  PlannedChange planned;
  planned.change.set_action(action);
  planned.change.set_path(path);
  planned.blob = blob;
  return planned;
}

// Before the rest goes what makes room.
int Order(const PlannedChange& planned) {
  switch (planned.change.action()) {
    case v1::IMPORT_ACTION_DELETE:
      return 0;
    case v1::IMPORT_ACTION_RENAME:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

bool ImportSelection::Takes(const std::string& path) const {
  return paths.empty() || std::any_of(paths.begin(), paths.end(),
                                      [&](const std::string& pattern) { return GlobMatches(pattern, path); });
}

std::vector<PlannedChange> PlanChanges(const GitCommit& commit, const ImportSelection& selection,
                                       std::vector<Skipped>& skipped) {
  std::vector<PlannedChange> planned;
  for (const GitChange& change : commit.changes) {
    const bool renamed = change.status == 'R';
    const std::string& old_path = renamed ? change.previous_path : change.path;
    const bool was = IsFile(change.old_mode) && selection.Takes(old_path);
    const bool is = change.status != 'D' && selection.Takes(change.path);
    if (is && !IsFile(change.new_mode)) {
      const bool link = change.new_mode == "120000";
      skipped.push_back({change.path, link ? "SYMLINK" : "SUBMODULE", link ? "is a symbolic link" : "is a submodule"});
    }
    if (!is || !IsFile(change.new_mode)) {
      if (was) planned.push_back(Planned(v1::IMPORT_ACTION_DELETE, old_path, ""));
      continue;
    }
    if (IsExecutable(change.new_mode) && !IsExecutable(change.old_mode)) {
      skipped.push_back({change.path, "EXECUTABLE_BIT", "is executable; its content is kept"});
    }
    const bool same = change.old_blob == change.new_blob;
    if (was && !renamed && same) continue;  // the mode alone
    if (was && renamed) {
      PlannedChange rename = Planned(v1::IMPORT_ACTION_RENAME, change.path, change.new_blob);
      rename.change.set_previous_path(old_path);
      rename.if_missing = same;
      planned.push_back(std::move(rename));
    } else {
      planned.push_back(Planned(v1::IMPORT_ACTION_WRITE, change.path, change.new_blob));
    }
    planned.back().change.set_document_type(selection.types.TypeOf(change.path));
  }
  std::stable_sort(planned.begin(), planned.end(),
                   [](const PlannedChange& a, const PlannedChange& b) { return Order(a) < Order(b); });
  return planned;
}

}  // namespace greffe::cli
