// Projects that were set apart and answer nothing: their data are damaged, or of a newer program (IsUnreadable).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/errors.h"
#include "storage/index/index.h"

namespace greffe {

// Thread-safe.
class UnreadableProjects {
 public:
  void Add(const std::string& project, const absl::Status& why) {
    const std::lock_guard lock(mutex_);
    projects_.emplace(project, why);
    any_ = true;
  }

  // OK, or why it cannot be read.
  absl::Status Check(std::string_view project) const {
    if (!any_) return absl::OkStatus();
    const std::lock_guard lock(mutex_);
    const auto found = projects_.find(std::string(project));
    return found == projects_.end() ? absl::OkStatus() : found->second;
  }

  // Ids above `after`, in order, at most `limit`: those of the index, and these, which one that was made anew does not
  // know.
  absl::StatusOr<std::vector<std::string>> ListWith(const Index& index, std::string_view after, int limit) const {
    GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> ids, index.ListProjects(after, limit));
    if (!any_) return ids;
    std::set<std::string> all(ids.begin(), ids.end());
    {
      const std::lock_guard lock(mutex_);
      for (auto project = projects_.upper_bound(std::string(after)); project != projects_.end(); ++project) {
        all.insert(project->first);
      }
    }
    ids.assign(all.begin(), all.end());
    if (std::ssize(ids) > limit) ids.resize(static_cast<std::size_t>(limit));
    return ids;
  }

  absl::StatusOr<std::int64_t> CountWith(const Index& index) const {
    GREFFE_ASSIGN_OR_RETURN(std::int64_t count, index.CountProjects());
    const std::lock_guard lock(mutex_);
    for (const auto& [project, why] : projects_) {
      GREFFE_ASSIGN_OR_RETURN(const auto mark, index.FindMark(project));
      if (!mark) ++count;
    }
    return count;
  }

 private:
  std::atomic<bool> any_ = false;  // nearly always
  mutable std::mutex mutex_;
  std::map<std::string, absl::Status> projects_;
};

}  // namespace greffe
