#include "services/call/side_by_side.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace greffe {
namespace {

// Outlives the call where a helper comes too late.
struct Shared {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::condition_variable ended;
  int at_work = 0;      // helpers; guarded by mutex
  bool closed = false;  // guarded by mutex: from now on `task` may be gone
};

void Work(Shared& shared, std::size_t count, const std::function<void(std::size_t)>& task) {
  for (std::size_t i = shared.next++; i < count; i = shared.next++) task(i);
}

}  // namespace

void SideBySide(WorkerPool& pool, std::size_t count, int helpers, const std::function<void(std::size_t)>& task) {
  const auto shared = std::make_shared<Shared>();
  for (int i = 0; i < helpers && static_cast<std::size_t>(i) + 1 < count; ++i) {
    const bool taken = pool.Run([shared, count, &task] {
      {
        const std::lock_guard lock(shared->mutex);
        if (shared->closed) return;
        ++shared->at_work;
      }
      Work(*shared, count, task);
      const std::lock_guard lock(shared->mutex);
      --shared->at_work;
      shared->ended.notify_all();
    });
    if (!taken) break;
  }
  Work(*shared, count, task);
  std::unique_lock lock(shared->mutex);
  shared->closed = true;
  shared->ended.wait(lock, [&] { return shared->at_work == 0; });
}

}  // namespace greffe
