// A clock that stands until it is set.
#pragma once

#include <atomic>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "storage/base/clock.h"

namespace greffe {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(Micros start) : now_(start) {}
  Micros Now() const override { return now_; }
  Micros Steady() const override { return now_ - jumped_; }
  // So much time has passed; it never goes back.
  void Set(Micros now) { now_ = now; }
  // None has: it was set wrong, or right again.
  void Jump(Micros by) {
    jumped_ += by;
    now_ += by;
  }

  // Nine in the morning in Paris on that day.
  static Micros MorningOf(int year, int month, int day) {
    absl::TimeZone paris;
    absl::LoadTimeZone("Europe/Paris", &paris);
    return absl::ToUnixMicros(absl::FromCivil(absl::CivilSecond(year, month, day, 9, 0, 0), paris));
  }

 private:
  std::atomic<Micros> now_;
  std::atomic<Micros> jumped_ = 0;
};

}  // namespace greffe
