// The time from which it is counted how old something is that goes for its age.
#pragma once

#include <mutex>

#include "storage/base/clock.h"

namespace greffe {

// A clock that is far ahead, as that of a machine which starts without one, has everything look old; what is deleted
// then is gone, though the clock is right a minute later. So a jump ahead is believed once it has stayed for a day.
//
// Thread-safe.
class AgeClock {
 public:
  explicit AgeClock(const Clock& clock) : clock_(clock) {}

  // `newest`: the newest time that was recorded before; 0: none was, and the clock is believed.
  void Begin(Micros newest) {
    const std::lock_guard lock(mutex_);
    believed_ = newest;
    believed_at_ = clock_.Steady();
    Look();
  }

  // The clock's time; while it is ahead by more than a day, what it should be by the time that has passed since it was
  // believed.
  Micros Now() {
    const std::lock_guard lock(mutex_);
    return Look();
  }

 private:
  // With `mutex_` held.
  Micros Look() {
    const Micros now = clock_.Now();
    const Micros steady = clock_.Steady();
    const Micros expected = believed_ + (steady - believed_at_);
    const bool was_ahead = is_ahead_;
    is_ahead_ = believed_ != 0 && now > expected + kMicrosPerDay;
    if (is_ahead_ && !was_ahead) ahead_since_ = steady;
    if (is_ahead_ && steady - ahead_since_ < kMicrosPerDay) return expected;
    is_ahead_ = false;
    believed_ = now;
    believed_at_ = steady;
    return now;
  }

  const Clock& clock_;
  std::mutex mutex_;
  Micros believed_ = 0;     // its time at `believed_at_`
  Micros believed_at_ = 0;  // of Clock::Steady, as the next one
  bool is_ahead_ = false;
  Micros ahead_since_ = 0;
};

}  // namespace greffe
