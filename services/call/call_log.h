// One line in the log for each call that ends.
#pragma once

#include <grpcpp/server_context.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/status/status.h"

namespace greffe {

// A call under way. Failures that are the server's are warnings, all else is for debugging; a failed call's id goes to
// the caller in the trailing metadata `greffe-call-id`, so that a report can be found in the log.
class CallLog {
 public:
  // `method`: "Documents.GetDocument"; a literal.
  CallLog(grpc::CallbackServerContext* context, const char* method)
      : context_(context), method_(method), start_(std::chrono::steady_clock::now()) {
    begun_.fetch_add(1, std::memory_order_relaxed);
  }

  // Calls of this process so far.
  static std::uint64_t Begun() { return begun_.load(std::memory_order_relaxed); }

  // Before Finish.
  void End(const absl::Status& status) const;

 private:
  static inline std::atomic<std::uint64_t> begun_ = 0;
  grpc::CallbackServerContext* context_;
  const char* method_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace greffe
