// Waiting writes of one project that are taken together: built as one group, appended, answered.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/git/tree_editor.h"
#include "storage/store/store.h"
#include "storage/store/write_group.h"

namespace greffe {

struct WaitingWrite {
  WriteRequest request;
  WriteDone done;
};

// For one thread at a time: Take, Build, then the append of those of a round, Finish, Answer.
class ProjectWrites {
 public:
  // `editor` is the project's, see WriteGroup; `before` as well.
  ProjectWrites(std::string project, std::unique_ptr<TreeEditor>& editor, std::shared_ptr<const WriteGroup> before);

  void Take(WaitingWrite write) { waiting_.push_back(std::move(write)); }

  // Nothing is built when `space` says why there is none: who asks again for what was done before is answered.
  void Build(const WriteParts& parts, const absl::Status& space);

  // What those are told who are not written since a write before them, or of their group, failed. UNAVAILABLE
  // (WRITE_BEFORE_FAILED); `failed` itself when that is RESOURCE_EXHAUSTED or UNKNOWN.
  static absl::Status NotWrittenSince(const absl::Status& failed);

  // Fails what is not appended yet with the status.
  void Fail(const absl::Status& status) { status_ = status; }
  // A write before it failed: what was refused may have been so because of that one.
  void LetNoneStandAlone();
  // What was built and is not to be appended. Contents that it placed leave their places.
  std::shared_ptr<WriteGroup> DropGroup();

  // Those of `round` that have something to append, as one; when what is wrong may be with one of them, each by itself.
  static void Append(Journal& journal, const std::vector<ProjectWrites*>& round);

  // After the append: locks and index follow, its record times are no longer under way.
  void Finish();

  // Calls back, in the order in which they were taken.
  void Answer();

  const std::string& project() const { return project_; }
  bool empty() const { return waiting_.empty(); }
  // What is, or was, to be appended; nullptr: nothing.
  const std::shared_ptr<WriteGroup>& group() const { return group_; }
  const absl::Status& status() const { return status_; }

 private:
  struct Outcome {
    WriteDone done;
    absl::StatusOr<WriteResult> result;
    bool stands_alone = false;  // no write of its group had a part in it
  };

  void BuildGroup(const WriteParts& parts, const absl::Status& space);

  const std::string project_;
  std::unique_ptr<TreeEditor>& editor_;
  std::vector<WaitingWrite> waiting_;
  std::shared_ptr<const WriteGroup> before_;
  std::shared_ptr<WriteGroup> group_;
  absl::Status status_;
  std::vector<Outcome> outcomes_;
  std::optional<std::size_t> culprit_;  // in waiting_: the status is of this one's making
};

}  // namespace greffe
