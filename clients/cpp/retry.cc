#include "clients/cpp/retry.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <thread>

#include "clients/cpp/error.h"

namespace greffe::client {

bool IsRetryable(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsCancelled(status)) return true;
  return IsServerBusy(status);
}

bool IsUndecided(const absl::Status& status) { return IsRetryable(status) || absl::IsDeadlineExceeded(status); }

bool IsServerBusy(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && ReasonOf(status) == "SERVER_BUSY";
}

bool IsTooManyUploads(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && ReasonOf(status) == "TOO_MANY_UPLOADS";
}

bool Backoff::Wait(const absl::Status& failure) {
  const int most = IsServerBusy(failure) || IsTooManyUploads(failure) ? std::max(most_, policy_.busy_attempts) : most_;
  if (++failures_ >= most) return false;
  const std::int64_t initial = std::max<std::int64_t>(policy_.initial_backoff.count(), 1);
  const std::int64_t longest = std::max<std::int64_t>(policy_.max_backoff.count(), 1);
  const std::int64_t backoff = std::min(longest, initial << std::min(failures_ - 1, 20));
  thread_local std::minstd_rand random(std::random_device{}());
  // Between half and whole: clients that lost one server together do not come back together.
  const std::chrono::milliseconds wait(std::uniform_int_distribution<std::int64_t>((backoff + 1) / 2, backoff)(random));
  if (deadline_ - Clock::now() < wait) return false;
  if (policy_.wait) {
    policy_.wait(wait);
  } else {
    std::this_thread::sleep_for(wait);
  }
  return true;
}

}  // namespace greffe::client
