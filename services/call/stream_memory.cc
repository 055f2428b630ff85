#include "services/call/stream_memory.h"

#include <string>

#include "storage/base/errors.h"

namespace greffe {

absl::Status StreamShare::Reserve(std::int64_t bytes) {
  if (bytes > memory_.limit_ - held_) {
    return Error(absl::StatusCode::kResourceExhausted, "STREAM_TOO_LARGE",
                 "needs " + std::to_string(held_ + bytes) +
                     " bytes of memory while it is under way; all streams have " + std::to_string(memory_.limit_),
                 {{"limit", "limits.stream_bytes"}});
  }
  std::int64_t reserved = memory_.reserved_;
  do {
    if (bytes > memory_.limit_ - reserved) {
      memory_.stalled_.EndLongest();
      return Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
                   "streams under way hold " + std::to_string(reserved) + " of " + std::to_string(memory_.limit_) +
                       " bytes, and " + std::to_string(bytes) + " more are needed; try again later",
                   {{"limit", "limits.stream_bytes"}});
    }
  } while (!memory_.reserved_.compare_exchange_weak(reserved, reserved + bytes));
  held_ += bytes;
  return absl::OkStatus();
}

void StreamShare::Add(std::int64_t bytes) {
  memory_.reserved_ += bytes;
  held_ += bytes;
}

void StreamShare::Return(std::int64_t bytes) {
  held_ -= bytes;
  memory_.reserved_ -= bytes;
}

}  // namespace greffe
