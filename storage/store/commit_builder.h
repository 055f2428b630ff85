// Turns what an act did into git objects: records, trees, the commit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/git/tree_editor.h"
#include "storage/index/commit_facts.h"
#include "storage/journal/journal.h"
#include "storage/store/commit_codec.h"
#include "storage/store/transaction.h"

namespace greffe {

struct BuiltCommit {
  JournalCommit commit;
  CommitFacts facts;
  std::vector<StagedContent> contents;  // those of the effects
};

// `intent` has parent, sequence, who and when. Moves `editor` to the new tree: after an error it must be dropped.
absl::StatusOr<BuiltCommit> BuildCommit(const std::string& project, CommitIntent intent, Transaction::Effects effects,
                                        TreeEditor& editor);

}  // namespace greffe
