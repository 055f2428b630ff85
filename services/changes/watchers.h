// The streams that watch: who waits is woken by commits, by the clock for progress marks, and by the stop.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "services/call/runtime.h"

namespace greffe {

// Thread-safe.
class Watchers {
 public:
  explicit Watchers(const Runtime& runtime);
  ~Watchers();

  // `wake` is called after commits of `project` ("": of any), every 10 seconds, and at the stop. It is short, and is
  // not called any more once Leave has returned.
  std::uint64_t Join(const std::string& project, std::function<void()> wake);
  void Leave(std::uint64_t watcher);

  void Stop();
  bool stopping() const;

 private:
  void Tick();

  struct Watcher {
    std::uint64_t subscription = 0;
    std::function<void()> wake;
  };
  const Runtime& runtime_;
  mutable std::mutex mutex_;
  std::condition_variable event_;
  std::map<std::uint64_t, Watcher> watchers_;
  std::uint64_t last_ = 0;
  bool stopping_ = false;
  std::thread ticker_;
};

}  // namespace greffe
