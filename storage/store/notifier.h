// Wakes those who wait for commits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

namespace greffe {

// Thread-safe.
class Notifier {
 public:
  std::uint64_t Subscribe(std::string_view project, std::function<void(std::string_view project)> wake) {
    const std::unique_lock lock(mutex_);
    subscriptions_.emplace(++last_, std::make_pair(std::string(project), std::move(wake)));
    return last_;
  }
  void Unsubscribe(std::uint64_t subscription) {
    const std::unique_lock lock(mutex_);
    subscriptions_.erase(subscription);
  }
  // Those of all projects alone, with "".
  void NotifySettled() const {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, subscription] : subscriptions_) {
      if (subscription.first.empty()) subscription.second("");
    }
  }
  void Notify(std::string_view project) const {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, subscription] : subscriptions_) {
      if (subscription.first.empty() || subscription.first == project) subscription.second(project);
    }
  }

 private:
  mutable std::shared_mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::pair<std::string, std::function<void(std::string_view)>>> subscriptions_;
};

}  // namespace greffe
