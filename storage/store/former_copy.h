// What the destination of a backup has already, and whether the source goes on from it. Projects are never deleted and
// histories only grow: what a copy has and its source lacks was lost in the source, or the two were confused.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/journal/journal.h"
#include "storage/store/project_heads.h"

namespace greffe {

// What a journal is called while another one takes its place.
inline constexpr char kFormerJournal[] = "journal.old";
// A former journal of which rows could not be read; the latest one. Nobody opens it.
inline constexpr char kDamagedJournal[] = "journal.damaged";

// The journal of the data in `directory`, read only; nullptr: there is none. DATA_LOSS (JOURNAL_DAMAGED) when it cannot
// be read.
absl::StatusOr<std::unique_ptr<Journal>> OpenFormerJournal(const std::string& directory);

struct FormerProjects {
  std::vector<ProjectHeads> projects;
  std::map<std::string, absl::Status> unreadable;  // repositories of which it cannot be told where they are
};

// The projects of the data in `directory`, which nobody writes to: those of the journal, and repositories with a main
// that it does not know, which a server would take up. `journal`: see OpenFormerJournal. DATA_LOSS when the journal
// cannot be read.
absl::StatusOr<FormerProjects> ListFormerProjects(const std::string& directory, const Journal* journal);

// Data as a backup sees them.
struct BackupSource {
  const std::string& directory;
  const Journal& journal;                              // of the moment
  const std::map<std::string, absl::Status>& unknown;  // repositories that it does not know (unknown_repositories.h)
};

struct LostHistory {
  std::string project;
  std::string what;  // "project 'apollo' has ...", for people
};

struct HistoryCheck {
  std::vector<LostHistory> lost;
  // Projects of which what would tell cannot be read, here or there, or that the source's journal does not know.
  std::map<std::string, absl::Status> unknown;
  // What the copy has of projects whose way back damage in the source hides. Where that is an idx, the copy gets a
  // sound one: they are decided when they are copied (CheckGoesOn).
  std::vector<ProjectHeads> undecided;
};

// What of `former`, which is in the folder `place`, the source does not go on from.
absl::StatusOr<HistoryCheck> FindLostHistory(const FormerProjects& former, const std::string& place,
                                             const BackupSource& source);

// Whether one project, of which the copy in `place` has `former`, goes on from that: FAILED_PRECONDITION
// (BACKUP_LOSES_HISTORY) otherwise. What is packed is read from `repository`, not the source's.
absl::Status CheckGoesOn(const ProjectHeads& former, const std::string& place, const ProjectHeads& now,
                         const BackupSource& source, const std::string& repository);

}  // namespace greffe
