// Keeps something long to a number of bytes a second.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"

namespace greffe {

// Not thread-safe. It waits for what was read, without regard to how long that took: the rate is never exceeded.
class Throttle {
 public:
  // `wait` returns true after that time, false at once when the work must end.
  Throttle(std::int64_t bytes_per_second, std::function<bool(std::chrono::microseconds)> wait)
      : rate_(std::max<std::int64_t>(bytes_per_second, 1)),
        least_debt_(std::min<std::int64_t>(rate_ / kWaitsPerSecond, kMostDebt)),
        wait_(std::move(wait)) {}

  // CANCELLED when `wait` said so. Each call counts as a block of the disk at least.
  absl::Status Take(std::int64_t bytes) {
    debt_ += std::max(bytes, kBlock);
    if (debt_ < least_debt_) return absl::OkStatus();
    const double seconds = static_cast<double>(std::exchange(debt_, 0)) / static_cast<double>(rate_);
    if (wait_(std::chrono::microseconds(static_cast<std::int64_t>(std::ceil(seconds * 1e6))))) return absl::OkStatus();
    return absl::CancelledError("it was stopped");
  }

 private:
  static constexpr std::int64_t kBlock = 4096;
  static constexpr std::int64_t kWaitsPerSecond = 20;
  static constexpr std::int64_t kMostDebt = 1 << 20;  // a stop is noticed after that at the latest

  const std::int64_t rate_;
  const std::int64_t least_debt_;  // shorter waits are not worth their while
  const std::function<bool(std::chrono::microseconds)> wait_;
  std::int64_t debt_ = 0;
};

}  // namespace greffe
