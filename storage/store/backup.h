// Copies of a whole data directory, made while a server writes to it. A copy is a data directory again: a server starts
// on it, `greffe-admin verify` checks it, and a copy of the copy is how it is restored.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/maintenance.h"

namespace greffe {

struct BackupResult {
  std::int64_t projects = 0;
  std::int64_t commits = 0;          // acknowledged ones, of all projects
  std::int64_t copied_files = 0;     // packs and large contents
  std::int64_t copied_bytes = 0;     // of them
  std::int64_t unchanged_files = 0;  // that the copy had already
  // Projects that could not be copied, and why: of them the copy has what it had.
  std::vector<std::pair<std::string, absl::Status>> left = {};
  // Projects that could not be copied, and why, of which what the copy had cannot be read either: they are not in it.
  std::vector<std::pair<std::string, absl::Status>> left_out = {};
  // Packs and large contents that are damaged, each with its project: of those that were copied now, and packs in the
  // copy that were to take the place of others. They are in the copy as they are, beside what they were merged from, if
  // it had that.
  std::vector<std::pair<std::string, absl::Status>> damaged = {};
  // What the source has lost of projects that were copied, each with its project: packs of the copy with objects that
  // it no longer has, damaged or not, which stay; of a project that is new in the copy, the latest commit that is
  // missing, or whose tree is.
  std::vector<std::pair<std::string, absl::Status>> lost = {};
};

// Makes `destination` the state that `source` had at one moment after this began: each write acknowledged before it is
// in there, of all projects, and of later ones none or all. `source` is only read; a server may be at work on it, or
// start. What `destination` has of an earlier copy is not copied again; packs of it that the source no longer has
// are removed when other packs, which are sound, hold all their objects, and told of otherwise (`BackupResult::lost`).
// When this fails, or is killed, the earlier copy is what it was, unless that was in the short while in which names
// change: it is marked as unfinished then, as a first copy is until its end, and nothing starts on it; the next one
// makes it good. Uploads that were under way begin anew.
//
// A project that is damaged, or cannot be copied for another reason of its own, is left as the earlier copy has it
// (`BackupResult::left`), or left out where that cannot be read either, its files as they are (`left_out`), and the
// others are copied. The earlier copy's journal is kept beside the new one then (`journal.damaged`). One whose
// repository the journal does not know (REPOSITORY_UNKNOWN) is left so too; what the source has of it comes along
// beside that, under no name. What is no project's (notifications, say) is that of the moment.
//
// FAILED_PRECONDITION (BACKUP_LOSES_HISTORY, with the project), and nothing is changed, when `destination` has a
// project that `source` lacks, a commit that is not in the history of the source's, or a baseline that is not in the
// source: data that were lost or begun anew, or source and destination confused. `replace` takes that away, all of it,
// and also takes a `destination` that cannot be read.
//
// Others: FAILED_PRECONDITION: DATA_DIRECTORY_FOREIGN or DATA_DIRECTORY_LOCKED (of `destination`),
// DATA_COPY_UNFINISHED (of `source`); INVALID_ARGUMENT (BACKUP_INSIDE_DATA) when one lies in the other; NOT_FOUND
// (DATA_NOT_FOUND); DATA_LOSS when the source's journal, or what `destination` has, is damaged.
absl::StatusOr<BackupResult> BackUpData(const std::string& source, const std::string& destination,
                                        const ReportLine& progress, bool replace = false);

// The same into a `destination` that holds no data yet: ALREADY_EXISTS (DATA_DIRECTORY_IN_USE) otherwise. All projects
// or none: BACKUP_DAMAGED, with the first `project` that could not be copied, or has a pack or a large content that is
// damaged or lost, and the code of its failure (DATA_LOSS, mostly; `progress` is told of the others), leaves a copy
// that is marked as unfinished and has no project. What is sound in such a backup BackUpData copies into another
// folder.
absl::StatusOr<BackupResult> RestoreData(const std::string& backup, const std::string& destination,
                                         const ReportLine& progress);

}  // namespace greffe
