// Waiting between attempts.
#pragma once

#include <chrono>

#include "absl/status/status.h"
#include "clients/cpp/options.h"

namespace greffe::client {

// True for an outcome after which asking again may help: UNAVAILABLE, RESOURCE_EXHAUSTED (SERVER_BUSY), and CANCELLED,
// which is what gRPC tells of a call that came while its server was stopping; who cancels a call himself does not ask.
bool IsRetryable(const absl::Status& status);

// True also for DEADLINE_EXCEEDED: the server may have done what was asked, or be about to.
bool IsUndecided(const absl::Status& status);

// RESOURCE_EXHAUSTED (SERVER_BUSY): the server is there, and did nothing of what was asked.
bool IsServerBusy(const absl::Status& status);

// RESOURCE_EXHAUSTED (TOO_MANY_UPLOADS): others finish theirs in the time of a call, or leave them for a week. A call
// waits for that, and nothing else does.
bool IsTooManyUploads(const absl::Status& status);

// The attempts of one call. Not thread-safe.
class Backoff {
 public:
  using Clock = std::chrono::system_clock;

  // No attempt is begun after `deadline`.
  Backoff(const RetryPolicy& policy, Clock::time_point deadline)
      : policy_(policy), deadline_(deadline), most_(policy.max_attempts) {}

  // After an attempt that ended with `failure`: waits, with jitter, longer each time, and tells whether another attempt
  // may be made. False, without a wait, after the last attempt or where the wait would pass the deadline.
  bool Wait(const absl::Status& failure);

  // After progress: the next failure is the first again, of `resume_attempts`.
  void Reset() {
    failures_ = 0;
    most_ = policy_.resume_attempts;
  }

 private:
  const RetryPolicy policy_;
  const Clock::time_point deadline_;
  int most_;
  int failures_ = 0;
};

}  // namespace greffe::client
