#include "storage/store/project_heads.h"

#include <utility>

#include "storage/base/record_layout.h"

namespace greffe {

absl::StatusOr<std::vector<ProjectHeads>> ListProjectHeads(const Journal& journal) {
  auto heads = journal.ListHeads();
  if (!heads.ok()) return heads.status();
  std::vector<ProjectHeads> projects;
  // By repository, then ref: refs/heads/main comes before its tags.
  for (Head& head : *heads) {
    if (head.ref == kMainRef) {
      projects.push_back({std::move(head), {}});
    } else if (!projects.empty() && projects.back().main.repository == head.repository) {
      projects.back().tags.push_back(std::move(head));
    }
  }
  return projects;
}

}  // namespace greffe
