// Changes as they are told: within what a message holds.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/changes.pb.h"
#include "storage/store/store.h"

namespace greffe {

// ProjectView::ListChanges, of which each change has the entries that 2 MiB hold, and less where the rest of it is long
// (Change.omitted_entry_count tells of the others), and which ends after kPageBytes: one change at least, when there is
// one.
absl::StatusOr<std::vector<v1::Change>> ListChangePage(const ProjectView& view, std::int64_t after, int limit);

}  // namespace greffe
