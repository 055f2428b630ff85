#include "storage/journal/repository_state.h"

#include <algorithm>
#include <string>

#include "storage/base/errors.h"

namespace greffe {

absl::Status RepositoryState::Check(const CommitGroup& group) const {
  Sequence newest = 0;
  for (const RefChange& change : group.refs) {
    const auto head = heads.find(change.ref);
    const Oid actual = head == heads.end() ? Oid{} : head->second.target;
    if (actual != change.expected) {
      return Error(
          absl::StatusCode::kAborted, "REF_MOVED",
          change.ref + " of '" + group.repository + "' is at " + actual.Hex() + ", not at " + change.expected.Hex());
    }
  }
  for (const auto& [ref, head] : heads) newest = std::max(newest, head.sequence);
  for (const JournalCommit& commit : group.commits) {
    if (commit.sequence != newest + 1) {
      return Error(absl::StatusCode::kInvalidArgument, "SEQUENCE_INVALID",
                   "commit " + std::to_string(commit.sequence) + " of '" + group.repository + "' does not follow " +
                       std::to_string(newest));
    }
    ++newest;
  }
  return absl::OkStatus();
}

void RepositoryState::Remember(const CommitGroup& group, const std::vector<journal_encoding::Manifest>& manifests) {
  for (const RefChange& change : group.refs) {
    heads[change.ref] = {group.repository, change.ref, change.target, change.sequence};
  }
  if (!manifests.empty()) trimmed = std::min<Sequence>(trimmed, manifests.front().sequence - 1);
  for (const journal_encoding::Manifest& manifest : manifests) Add(manifest);
}

}  // namespace greffe
