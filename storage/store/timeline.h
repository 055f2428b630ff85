// Record times: those of commits are strictly increasing over all projects of this server, with a mark up to which they
// are complete.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "storage/base/clock.h"

namespace greffe {

// A time counts once a commit that has it is appended: what a clock said that was ahead for a while is no bound for
// later ones when nothing came of it.
//
// Thread-safe.
class Timeline {
 public:
  explicit Timeline(const Clock& clock) : clock_(clock) {}

  // Times of commits from here on are later than `newest`.
  void Begin(Micros newest) {
    const std::lock_guard lock(mutex_);
    kept_ = std::max(kept_, newest);
  }

  // The next time of a group, later than all that are kept or under way. `first`: the group's first one; 0: this is.
  Micros Next(Micros first) {
    const std::lock_guard lock(mutex_);
    const Micros newest = newest_under_way_.empty() ? kept_ : std::max(kept_, *newest_under_way_.rbegin());
    const Micros next = std::max(newest + 1, clock_.Now());
    Micros& of_group = under_way_[first == 0 ? next : first];
    newest_under_way_.erase(of_group);
    newest_under_way_.insert(next);
    return of_group = next;
  }
  // The clock's reading, which may be before times that were given.
  Micros Now() const { return clock_.Now(); }
  // The group's times are no longer under way. `kept`: that of its newest commit that is readable; 0: none is, or will
  // be.
  void Settle(Micros first, Micros kept) {
    const std::lock_guard lock(mutex_);
    const auto group = under_way_.find(first);
    newest_under_way_.erase(group->second);
    under_way_.erase(group);
    kept_ = std::max(kept_, kept);
  }

  // Every commit up to this time is readable, and none will come any more.
  Micros Settled() const {
    const std::lock_guard lock(mutex_);
    return under_way_.empty() ? kept_ : std::min(kept_, under_way_.begin()->first - 1);
  }

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  Micros kept_ = 0;                     // the newest time of a commit
  std::map<Micros, Micros> under_way_;  // by the first time of a group, its newest one
  std::set<Micros> newest_under_way_;   // these
};

}  // namespace greffe
