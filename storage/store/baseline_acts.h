// Baselines: chosen from a view of the project, which never changes, and made by an act that only has to look whether
// the name is free. What is written between the two is simply not in the baseline: it says which sequence it froze.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/baselines.pb.h"
#include "storage/index/project_view.h"
#include "storage/store/transaction.h"

namespace greffe {

// The documents that a scope and a selection mean at the view's moment.
struct FrozenSet {
  std::vector<v1::BaselineDocument> documents;  // by number
  std::vector<FrozenFile> files;
  std::int64_t content_bytes = 0;
  std::int32_t omitted_count = 0;
};

// Whether each document of a list has to be there.
enum class ListRule { kEachDocument, kWhatThereIs };

// FAILED_PRECONDITION (DOCUMENT_WITHDRAWN, NO_CONTENT, NOTHING_RELEASED) or NOT_FOUND (DOCUMENT_NOT_FOUND) for a
// document of a list that cannot be frozen. A document of a list of another project: INVALID_ARGUMENT.
absl::StatusOr<FrozenSet> ChooseFrozenSet(const ProjectView& view, const v1::BaselineScope& scope,
                                          v1::BaselineSelection selection, ListRule rule = ListRule::kEachDocument);

// All documents that a baseline holds, by number. Not for gRPC's threads.
absl::StatusOr<std::vector<v1::BaselineDocument>> ReadFrozen(const ProjectView& view, std::string_view baseline);

// A baseline that lacks nothing but its place in the project.
struct PreparedBaseline {
  v1::Baseline record;
  FrozenTag tag;
};

// `asked` is valid. FAILED_PRECONDITION (BASELINE_EMPTY, PATHS_CLASH), or as ChooseFrozenSet. Reads all documents of
// the scope: not for gRPC's threads.
absl::StatusOr<PreparedBaseline> PrepareBaseline(const ProjectView& view, const std::string& id,
                                                 const v1::Baseline& asked);

// ALREADY_EXISTS (BASELINE_EXISTS).
absl::Status CreateBaseline(Transaction& transaction, PreparedBaseline prepared);

}  // namespace greffe
