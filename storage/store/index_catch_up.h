// Brings the index to the journal's heads: what it lacks is read from the repositories.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/index/index.h"
#include "storage/index/index_batch.h"
#include "storage/index/project_mark.h"
#include "storage/store/history_reader.h"
#include "storage/store/object_source.h"
#include "storage/store/project_heads.h"

namespace greffe {

// What catching up holds in memory, whatever the commits are.
struct CatchUpLimits {
  std::int64_t batch_bytes = std::int64_t{32} << 20;     // of rows that are not in the index yet
  std::int64_t ahead_bytes = HistoryReader::kMostBytes;  // of commits that were read and have no rows yet; of the next
                                                         // project's as much beside it
  // Histories of so many commits together that the index knows nothing of go in in bulk: what that costs once (a sync,
  // files beside each other) is then nothing.
  std::int64_t bulk_commits = 10'000;
};

// DATA_LOSS: a history is shorter than its newest commit says.
absl::Status LacksCommits(const std::string& project, std::int64_t counted);

class IndexCatchUp {
 public:
  using Line = std::function<void(const std::string&)>;
  // Of a project that cannot be brought forward. OK: it is left out; else all ends with what is returned.
  using Refuse = std::function<absl::Status(const std::string& project, const absl::Status& why)>;

  // `progress` gets lines for the log. Both are called on the thread of Run alone.
  IndexCatchUp(Index& index, ObjectSource& objects, Line progress, Refuse refuse, const CatchUpLimits& limits)
      : index_(index), objects_(objects), progress_(std::move(progress)), refuse_(std::move(refuse)), limits_(limits) {}

  // Discards an index that is ahead of the heads, elsewhere, or knows other projects, and makes it again.
  absl::Status Run(const std::vector<ProjectHeads>& projects);

 private:
  // What the index lacks of a project.
  struct Lack {
    const Head* head;
    ProjectMark mark;  // where it stands
    std::int64_t commits() const { return head->sequence - mark.sequence; }
  };
  enum class Outcome { kDone, kDoesNotFit, kHalfApplied };

  // nullopt: the index is not on the way to the heads.
  absl::StatusOr<std::optional<std::vector<Lack>>> FindLacks(const std::vector<ProjectHeads>& projects);
  absl::StatusOr<Outcome> Fill(const std::vector<Lack>& lacks, bool made_again);
  // The way from the head back to where the index stands, whose commits are read meanwhile. nullptr: it does not lead
  // there.
  absl::StatusOr<std::unique_ptr<HistoryReader>> Walk(const Lack& lack) const;
  // `half_applied`: it failed, and the batch may have a part of a commit's rows.
  absl::Status Apply(const Lack& lack, HistoryReader& history, IndexBatch& batch, bool& half_applied);

  Index& index_;
  ObjectSource& objects_;
  const Line progress_;
  const Refuse refuse_;
  const CatchUpLimits limits_;
  bool together_ = true;      // the histories that the index knows nothing of are one batch
  std::int64_t missing_ = 0;  // commits of all projects
  std::int64_t indexed_ = 0;
};

}  // namespace greffe
