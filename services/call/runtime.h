// What every service works with, and the limits on what callers may ask.
#pragma once

#include <cstdint>

#include "services/call/stream_memory.h"
#include "services/call/worker_pool.h"
#include "storage/base/clock.h"
#include "storage/base/template_fields.h"
#include "storage/store/store.h"

namespace greffe {

struct CallLimits {
  std::int64_t inline_bytes = 1 << 20;                  // contents of one unary request or answer
  std::int64_t message_bytes = 4 << 20;                 // one message
  std::int64_t chunk_bytes = 1 << 20;                   // one piece of a stream
  std::int64_t stream_bytes = std::int64_t{512} << 20;  // that all streams under way hold
  int stall_seconds = 600;                              // that a stream waits for its caller
  // That a stream reads before it shows its caller that it is at work, or gives its thread to others, and a page of
  // compared contents before it ends:
  // a disk that reads 2 MB a second has them before a client takes the call for stalled.
  std::int64_t turn_bytes = std::int64_t{64} << 20;
  std::int64_t diff_bytes = 1 << 20;  // of each text, and of the diff
  TemplateLimits templates;
  Micros page_token_age = kMicrosPerDay;
};

// All outlive the services.
struct Runtime {
  Store& store;
  WorkerPool& pool;
  const Clock& clock;
  StreamMemory& stream_memory;
  CallLimits limits;
};

}  // namespace greffe
