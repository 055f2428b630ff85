#include "clients/cpp/stall_guard.h"

namespace greffe::client {

StallGuard::StallGuard(grpc::ClientContext& context, std::chrono::milliseconds timeout)
    : context_(context), timeout_(timeout), limit_(std::chrono::steady_clock::now() + timeout), thread_([this] {
        std::unique_lock lock(mutex_);
        while (!stop_) {
          if (paused_) {
            changed_.wait(lock);
            continue;
          }
          const auto limit = limit_;
          if (std::chrono::steady_clock::now() < limit) {
            changed_.wait_until(lock, limit);
            continue;
          }
          fired_ = true;
          context_.TryCancel();
          return;
        }
      }) {}

StallGuard::~StallGuard() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void StallGuard::Progress() { Await(timeout_); }

void StallGuard::Await(std::chrono::milliseconds timeout) {
  const std::lock_guard lock(mutex_);
  const auto limit = std::chrono::steady_clock::now() + timeout;
  // Otherwise no wake-up: the thread looks at the limit when the former one has come.
  if (paused_ || limit < limit_) changed_.notify_one();
  limit_ = limit;
  paused_ = false;
}

void StallGuard::Pause() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
}

bool StallGuard::Fired() {
  const std::lock_guard lock(mutex_);
  return fired_;
}

}  // namespace greffe::client
