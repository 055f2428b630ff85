// What happens between opening journal and index, and the first request: truth is compared with its views.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "storage/git/object_format.h"
#include "storage/index/index.h"
#include "storage/journal/journal.h"
#include "storage/store/index_catch_up.h"
#include "storage/store/object_source.h"
#include "storage/store/project_heads.h"

namespace greffe {

class Recovery {
 public:
  // `progress` gets lines for the log; `quarantine` the projects whose repository is not what Greffe left, and with
  // DATA_LOSS or RECORD_FORMAT_NEWER those that cannot be read.
  Recovery(Journal& journal, Index& index, ObjectSource& objects, std::function<void(const std::string&)> progress,
           std::function<void(const std::string& project, const absl::Status&)> quarantine,
           const CatchUpLimits& limits = {})
      : journal_(journal),
        index_(index),
        objects_(objects),
        progress_(std::move(progress)),
        quarantine_(std::move(quarantine)),
        limits_(limits) {}

  // Compares each ref on disk with the journal's head: behind is packed again, equal is dropped from the journal, any
  // other place is a foreign writer's. Repositories under `directory` that the journal does not know (restored from a
  // copy) are taken up as they are.
  absl::Status CheckRepositories(const std::string& directory);

  // Brings the index to the heads; discards one that is ahead of them, or elsewhere. UNAVAILABLE (INDEX_DAMAGED) when
  // rows of it cannot be read: the caller discards it and comes again with `discarded`. Rows of a project that cannot
  // be read even then, though they were just made, are no reason to refuse the others.
  absl::Status CatchUpIndex(bool discarded = false);

 private:
  // Damage of one project, records that only a newer program knows, or what keeps a file of its repository from being
  // opened, listed, read or written, are no reason to refuse the others. A full disk, and too many open files, are.
  absl::Status OfOneProject(const std::string& project, const absl::Status& status);
  absl::Status CheckRepository(const Head& head);
  // Tags never move: one that is missing is written again, one that is elsewhere is a foreign writer's. One that only
  // the repository has, put back from a copy behind a lost journal, is taken up when the history names it.
  absl::Status CheckTags(const ProjectHeads& heads);
  absl::Status TakeUpTags(const ProjectHeads& heads);
  // Those that commits up to `newest` say they came with.
  absl::StatusOr<std::vector<Head>> TagsOfHistory(const std::string& project, const Oid& newest);
  absl::Status Adopt(const std::string& project);
  // DATA_LOSS when the record in the newest commit's tree, which need not have changed it, is another project's.
  absl::Status CheckIsNamed(const std::string& project, const CommitObject& newest);
  // From `newest` to the first one, by first parents; more than `most` are not looked at.
  absl::StatusOr<std::int64_t> CountCommits(const std::string& project, const Oid& newest, std::int64_t most);
  // nullptr for one that was taken out of the tree.
  absl::StatusOr<CommitObject> ReadCommit(const std::string& project, const Oid& oid);

  Journal& journal_;
  Index& index_;
  ObjectSource& objects_;
  const std::function<void(const std::string&)> progress_;
  const std::function<void(const std::string&, const absl::Status&)> quarantine_;
  const CatchUpLimits limits_;
};

}  // namespace greffe
