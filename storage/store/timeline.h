// Record times: strictly increasing over all projects of this server, with a mark below which nothing is under way.
#pragma once

#include <algorithm>
#include <mutex>
#include <set>

#include "storage/base/clock.h"

namespace greffe {

// Thread-safe.
class Timeline {
 public:
  explicit Timeline(const Clock& clock) : clock_(clock) {}

  // Times from here on are later than `newest`.
  void Begin(Micros newest) {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_, newest);
  }

  // The next time; the first one of a group is under way until Settle.
  Micros Next(bool first_of_group) {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_ + 1, clock_.Now());
    if (first_of_group) under_way_.insert(last_);
    return last_;
  }
  // The clock's reading, which may be before times that were given.
  Micros Now() const { return clock_.Now(); }
  void Settle(Micros first) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(first);
  }

  // Every commit up to this time is readable, or will never be.
  Micros Settled() const {
    const std::lock_guard lock(mutex_);
    return under_way_.empty() ? last_ : *under_way_.begin() - 1;
  }

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  Micros last_ = 0;
  std::set<Micros> under_way_;
};

}  // namespace greffe
