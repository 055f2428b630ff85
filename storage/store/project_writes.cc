#include "storage/store/project_writes.h"

#include <utility>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"

namespace greffe {

ProjectWrites::ProjectWrites(std::string project, std::unique_ptr<TreeEditor>& editor,
                             std::shared_ptr<const WriteGroup> before)
    : project_(std::move(project)), editor_(editor), before_(std::move(before)) {}

void ProjectWrites::Build(const WriteParts& parts, const absl::Status& space) {
  BuildGroup(parts, space);
  // Before another group of the project may name the same uploads.
  if (!status_.ok()) group_->TakeBackContents();
  // Its record times are no longer under way; see Committer::Tell.
  if (!status_.ok() || group_->empty()) group_.reset();
}

void ProjectWrites::BuildGroup(const WriteParts& parts, const absl::Status& space) {
  outcomes_.reserve(waiting_.size());
  group_ = std::make_shared<WriteGroup>(parts, project_, editor_, std::move(before_));
  status_ = parts.index.NoteDamage(group_->Begin());
  for (WaitingWrite& write : waiting_) {
    if (!status_.ok()) return;
    const bool stands_alone = group_->empty();
    absl::StatusOr<absl::StatusOr<WriteResult>> result = group_->Add(write.request, space);
    status_ = parts.index.NoteDamage(result.status());
    if (!status_.ok()) culprit_ = outcomes_.size();
    if (status_.ok()) parts.index.NoteDamage(result->status()).IgnoreError();
    if (status_.ok()) outcomes_.push_back({std::move(write.done), *std::move(result), stands_alone});
  }
  if (status_.ok()) group_->End();
  if (status_.ok() && FaultIsOn("answer-before-append")) {
    for (Outcome& outcome : outcomes_) {
      outcome.done(std::exchange(outcome.result, absl::AbortedError("answered")));
      outcome.done = [](const absl::StatusOr<WriteResult>&) {};
    }
  }
}

void ProjectWrites::LetNoneStandAlone() {
  for (Outcome& outcome : outcomes_) outcome.stands_alone = false;
}

std::shared_ptr<WriteGroup> ProjectWrites::DropGroup() {
  if (group_ != nullptr) {
    group_->TakeBackContents();
    group_->Settle();
  }
  return std::move(group_);
}

void ProjectWrites::Append(Journal& journal, const std::vector<ProjectWrites*>& round) {
  std::vector<ProjectWrites*> appended;
  std::vector<const CommitGroup*> rows;
  for (ProjectWrites* writes : round) {
    if (writes->group_ == nullptr) continue;
    appended.push_back(writes);
    rows.push_back(&writes->group_->rows());
  }
  if (rows.empty()) return;
  const absl::Status status = journal.Append(rows);
  // What is wrong with the rows of one project is no matter of the others; nothing was written then.
  const bool again = !status.ok() && rows.size() > 1 && !absl::IsUnknown(status) && !absl::IsResourceExhausted(status);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    appended[i]->status_ = again ? journal.Append({&rows[i], 1}) : status;
  }
}

void ProjectWrites::Finish() {
  if (group_ == nullptr) return;
  if (status_.ok()) {
    status_ = group_->Finish();
  } else if (!absl::IsUnknown(status_)) {
    group_->TakeBackContents();  // nothing was written
  }
  group_->Settle();
}

void ProjectWrites::Answer() {
  const absl::Status others = NotWrittenSince(status_);
  // The group is whole or not at all; a refusal that nothing of it had a part in does not depend on that.
  for (Outcome& outcome : outcomes_) {
    const bool stands = status_.ok() || (outcome.stands_alone && !outcome.result.ok());
    outcome.done(stands ? std::move(outcome.result) : absl::StatusOr<WriteResult>(culprit_ ? others : status_));
  }
  // Of the one that failed, and those that were not come to.
  for (std::size_t i = outcomes_.size(); i < waiting_.size(); ++i) {
    waiting_[i].done(culprit_ && i != *culprit_ ? others : status_);
  }
}

absl::Status ProjectWrites::NotWrittenSince(const absl::Status& failed) {
  // A client that asks again is answered by what is there then. Where it is not known what became of the other one, it
  // is not known of a request either that is the same.
  if (failed.ok() || absl::IsResourceExhausted(failed) || absl::IsUnknown(failed)) return failed;
  return Error(absl::StatusCode::kUnavailable, "WRITE_BEFORE_FAILED",
               "not written, since a write before it failed: " + std::string(failed.message()));
}

}  // namespace greffe
