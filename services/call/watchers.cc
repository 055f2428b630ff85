#include "services/call/watchers.h"

#include <utility>

namespace greffe {
namespace {

constexpr std::chrono::seconds kMarkInterval{10};

}  // namespace

Watchers::Watchers() : ticker_([this] { Tick(); }) {}

Watchers::~Watchers() {
  Stop();
  ticker_.join();
}

std::uint64_t Watchers::Join(const SubscribeWake& subscribe, std::function<void()> wake) {
  std::function<void()> unsubscribe = subscribe(wake);
  const std::lock_guard lock(mutex_);
  watchers_[++last_] = {std::move(unsubscribe), std::move(wake)};
  return last_;
}

void Watchers::Leave(std::uint64_t watcher) {
  std::function<void()> unsubscribe;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(watcher);
    if (found == watchers_.end()) return;
    unsubscribe = std::move(found->second.unsubscribe);
    watchers_.erase(found);
  }
  unsubscribe();
}

void Watchers::Stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  event_.notify_all();
  for (const auto& [id, watcher] : watchers_) watcher.wake();
}

bool Watchers::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Watchers::Tick() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    event_.wait_for(lock, kMarkInterval, [this] { return stopping_; });
    for (const auto& [id, watcher] : watchers_) watcher.wake();
  }
}

}  // namespace greffe
