// The refs that the journal keeps, a project at a time.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "storage/journal/journal.h"

namespace greffe {

struct ProjectHeads {
  Head main;
  std::vector<Head> tags;  // by ref
};

// Of all projects, by name.
absl::StatusOr<std::vector<ProjectHeads>> ListProjectHeads(const Journal& journal);

}  // namespace greffe
