// The streams that watch: who waits is woken by what it watches, by the clock for progress marks, and by the stop.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace greffe {

// Has `wake` called whenever something came. What it answers with ends that: once it has returned, `wake` is not called
// any more.
using SubscribeWake = std::function<std::function<void()>(std::function<void()> wake)>;

// Thread-safe.
class Watchers {
 public:
  Watchers();
  ~Watchers();

  // `wake` is called when `subscribe` has it called, every 10 seconds, and at the stop. It is short, and is not called
  // any more once Leave has returned.
  std::uint64_t Join(const SubscribeWake& subscribe, std::function<void()> wake);
  void Leave(std::uint64_t watcher);

  void Stop();
  bool stopping() const;

 private:
  void Tick();

  struct Watcher {
    std::function<void()> unsubscribe;
    std::function<void()> wake;
  };
  mutable std::mutex mutex_;
  std::condition_variable event_;
  std::map<std::uint64_t, Watcher> watchers_;
  std::uint64_t last_ = 0;
  bool stopping_ = false;
  std::thread ticker_;
};

}  // namespace greffe
