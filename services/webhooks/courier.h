// Delivers to webhooks what waits for them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "storage/base/clock.h"
#include "storage/store/outbox.h"

namespace greffe {

struct CourierOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{15'000};  // for one attempt, all of it
  int attempts = 10;                          // until a delivery is a dead letter
  // After a first failure; then four times as long each time, up to the longest, each a fifth more or less by chance.
  std::chrono::milliseconds first_retry{5'000};
  std::chrono::milliseconds longest_retry{6 * 3'600'000};
  bool allow_private = false;  // see post.h
};

// One thread, for all webhooks at once: a receiver that hangs keeps no other one waiting, since each has one delivery
// under way at a time, and all transfers are non-blocking.
class Courier {
 public:
  // Both outlive it.
  Courier(const CourierOptions& options, Outbox& outbox, const Clock& clock,
          std::function<void(const std::string&)> log);
  ~Courier();

  void Start();
  // Begins nothing more, and waits for the answers to what is under way, which would come to their receivers once more
  // after the next start: as long as one attempt may take, but 5 s at most. What has no answer by then is given up, and
  // tried again.
  void Stop();

 private:
  struct State;
  void Run();

  const CourierOptions options_;
  Outbox& outbox_;
  const Clock& clock_;
  const std::function<void(const std::string&)> log_;
  std::unique_ptr<State> state_;
};

}  // namespace greffe
