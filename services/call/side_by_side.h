// Many small things for one answer, on several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "services/call/worker_pool.h"

namespace greffe {

// Calls `task` for each number below `count`, in any order, on this thread and on as many as `helpers` of the pool's
// that have nothing else to do; returns when all are done. Waits for no task that has not begun, so threads of the pool
// may call it. `task` is thread-safe.
void SideBySide(WorkerPool& pool, std::size_t count, int helpers, const std::function<void(std::size_t)>& task);

}  // namespace greffe
