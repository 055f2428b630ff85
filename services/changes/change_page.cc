#include "services/changes/change_page.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/page_bytes.h"

namespace greffe {
namespace {

// Beside a subject, which an import may have made of a message of 1 MiB, and what else is told of a commit; less where
// that is more.
constexpr std::size_t kEntryBytes = std::size_t{2} << 20;
// Each may be large, so few are read ahead.
constexpr int kReadAhead = 16;

void BoundEntries(v1::Change& change) {
  google::protobuf::RepeatedPtrField<v1::ChangeEntry> entries;
  entries.Swap(change.mutable_entries());
  const std::size_t rest = change.ByteSizeLong();
  entries.Swap(change.mutable_entries());
  const std::size_t most = std::min(kEntryBytes, kPageBytes - std::min(kPageBytes, rest));
  std::size_t bytes = 0;
  int kept = 0;
  for (const v1::ChangeEntry& entry : change.entries()) {
    bytes += entry.ByteSizeLong();
    if (bytes > most) break;
    ++kept;
  }
  const int omitted = change.entries_size() - kept;
  if (omitted == 0) return;
  change.mutable_entries()->DeleteSubrange(kept, omitted);
  change.set_omitted_entry_count(omitted);
}

}  // namespace

absl::StatusOr<std::vector<v1::Change>> ListChangePage(const ProjectView& view, std::int64_t after, int limit) {
  std::vector<v1::Change> page;
  std::size_t bytes = 0;
  while (static_cast<int>(page.size()) < limit) {
    const int wanted = std::min(kReadAhead, limit - static_cast<int>(page.size()));
    GREFFE_ASSIGN_OR_RETURN(std::vector<v1::Change> changes, view.ListChanges(after, wanted));
    for (v1::Change& change : changes) {
      BoundEntries(change);
      bytes += change.ByteSizeLong();
      if (bytes > kPageBytes && !page.empty()) return page;
      after = change.sequence();
      page.push_back(std::move(change));
    }
    if (static_cast<int>(changes.size()) < wanted) break;
  }
  return page;
}

}  // namespace greffe
