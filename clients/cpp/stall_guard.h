// Breaks off a stream on which nothing moves.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "grpcpp/client_context.h"

namespace greffe::client {

// Cancels `context` when Progress has not been called for `timeout`. The synchronous stream API has no time limit for
// one read or write, and a deadline for the whole stream would have to know its size and the line's speed.
class StallGuard {
 public:
  StallGuard(grpc::ClientContext& context, std::chrono::milliseconds timeout);
  ~StallGuard();

  // Something moved, or is awaited from now on. Thread-safe.
  void Progress();

  // The same for what may take `timeout`, not the usual one. Thread-safe.
  void Await(std::chrono::milliseconds timeout);

  // Nothing is awaited from the other side until the next Progress. Thread-safe.
  void Pause();

  // True once it has cancelled: the stream's CANCELLED then means UNAVAILABLE. Thread-safe.
  bool Fired();

 private:
  grpc::ClientContext& context_;
  const std::chrono::milliseconds timeout_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::chrono::steady_clock::time_point limit_;  // guarded by mutex_
  bool paused_ = false;                          // guarded by mutex_
  bool stop_ = false;                            // guarded by mutex_
  bool fired_ = false;                           // guarded by mutex_

  std::thread thread_;
};

}  // namespace greffe::client
