// The RepositoryState of each repository that a journal has.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/journal/repository_state.h"

namespace greffe {

// Thread-safe.
class RepositoryStates {
 public:
  // nullptr: nothing was appended to it.
  std::shared_ptr<RepositoryState> Find(std::string_view repository) const {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(std::string(repository));
    return found == states_.end() ? nullptr : found->second;
  }

  // Made when there is none.
  std::shared_ptr<RepositoryState> Of(std::string_view repository) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<RepositoryState>& state = states_[std::string(repository)];
    if (state == nullptr) state = std::make_shared<RepositoryState>();
    return state;
  }

  std::map<std::string, std::shared_ptr<RepositoryState>> All() const {
    const std::lock_guard lock(mutex_);
    return states_;
  }

  // As one, for those who look meanwhile.
  void Replace(std::map<std::string, std::shared_ptr<RepositoryState>> states) {
    const std::lock_guard lock(mutex_);
    states_ = std::move(states);
  }

  // In the order of their addresses, so that two appends never wait for each other.
  static std::vector<std::unique_lock<std::mutex>> LockAll(std::vector<std::shared_ptr<RepositoryState>> states) {
    std::sort(states.begin(), states.end());
    std::vector<std::unique_lock<std::mutex>> locks;
    for (const std::shared_ptr<RepositoryState>& state : states) locks.emplace_back(state->mutex);
    return locks;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<RepositoryState>> states_;
};

}  // namespace greffe
