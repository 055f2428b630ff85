// Merges and joins the packs of projects in the background: many packs are slow to read, and no loss.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "storage/store/object_source.h"

namespace greffe {

// Thread-safe.
class Consolidator {
 public:
  using Told = std::function<void(const std::string& project, const absl::Status&)>;
  // `failed` is told of a pack that cannot be merged.
  Consolidator(ObjectSource& objects, Told failed) : objects_(objects), failed_(std::move(failed)) {}
  ~Consolidator() { Stop(); }

  // In a thread of its own from here on: first what a former process left, then what is offered.
  void Start();
  void Stop();

  // The project has new packs. They are looked at as projects come, one after the other; without Start here, at once.
  void Offer(const std::string& project);

  // Projects that much is being written to: their packs are merged when there are very many, and looked at again when
  // the round is over.
  void BeginRound(std::set<std::string> busy);
  void EndRound();

 private:
  void Run();
  // Under the mutex.
  void Queue(const std::string& project);
  // Merges as long as there are `least` packs that can be.
  absl::Status Consolidate(const std::string& project, std::size_t least);

  ObjectSource& objects_;
  const Told failed_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // never held over I/O
  std::condition_variable event_;
  std::deque<std::string> order_;  // what to look at, as it came: one project that is always there holds up no other
  std::set<std::string> queued_;   // these projects
  std::set<std::string> busy_;
  std::set<std::string> put_off_;  // what was looked at while it was busy
  std::thread thread_;
};

}  // namespace greffe
