// Streams that wait for their callers: one that waits for long is ended, since others need the memory that it holds.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace grpc {
class CallbackServerContext;
}

namespace greffe {

// Thread-safe. Outlives the streams.
class StalledStreams {
 public:
  // One stream, for as long as its context is there.
  class Stream {
   public:
    Stream(StalledStreams& streams, grpc::CallbackServerContext* context);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // From now on it is the caller's turn.
    void BeginWait();
    void EndWait();

   private:
    friend class StalledStreams;
    struct State;
    StalledStreams& streams_;
    const std::shared_ptr<State> state_;
  };

  // What waits for `most` is ended, a quarter of that later at most.
  explicit StalledStreams(std::chrono::milliseconds most);
  ~StalledStreams();

  // Others need room: ends the one that waits longest, where that is a minute.
  void EndLongest();

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Tick();
  static void End(Stream::State& stream, Time now);

  const std::chrono::milliseconds most_;
  std::mutex mutex_;
  std::condition_variable event_;
  std::set<std::shared_ptr<Stream::State>> streams_;
  Time looked_at_;  // by EndLongest
  bool stopping_ = false;
  std::thread ticker_;
};

}  // namespace greffe
