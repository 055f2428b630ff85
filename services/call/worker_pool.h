// Threads for what may wait for the disk, so that gRPC's own threads never do.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace greffe {

// Thread-safe.
class WorkerPool {
 public:
  // `limit`: tasks that may wait; one more is refused.
  WorkerPool(int threads, std::size_t limit);
  // Finishes what waits.
  ~WorkerPool();

  // False when too much waits already; `task` is not called then.
  [[nodiscard]] bool Run(std::function<void()> task);
  // Never refuses: for the next step of something that was admitted before.
  void Continue(std::function<void()> task);

 private:
  void Work();

  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable event_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace greffe
