// The server of a torture run, which comes and goes while clients are at work.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/client.h"

namespace greffe {

// Tells clients which server is up. Thread-safe.
class Gate {
 public:
  struct Server {
    int generation = 0;  // counts the starts
    std::string address;
  };

  void SetUp(const std::string& address) {
    const std::lock_guard lock(mutex_);
    server_ = {server_.generation + 1, address};
    changed_.notify_all();
  }
  // No server comes any more.
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  // Waits for a server that was started after that of `generation`; nullopt: none comes.
  std::optional<Server> AwaitAfter(int generation) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || server_.generation > generation; });
    if (server_.generation > generation) return server_;
    return std::nullopt;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Server server_;
  bool closed_ = false;
};

// One client's way to the server of the moment. Not thread-safe.
class Connection {
 public:
  explicit Connection(Gate& gate, std::string principal = "torturer") : gate_(gate), principal_(std::move(principal)) {}

  // The client of the server known last; waits for the first one. nullptr: no server comes any more.
  client::Client* Get() { return client_ == nullptr ? Next() : client_.get(); }
  // Of the server that comes after it.
  client::Client* Next();

 private:
  Gate& gate_;
  const std::string principal_;
  int generation_ = 0;
  std::unique_ptr<client::Client> client_;
};

// Lets one thread wait for a moment at which no write is open. (A std::shared_mutex would let writers starve it.)
class Quiet {
 public:
  // Around a write; waits while somebody has or wants quiet.
  void Enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !wanted_; });
    ++inside_;
  }
  void Leave() {
    const std::lock_guard lock(mutex_);
    --inside_;
    changed_.notify_all();
  }

  void Begin() {
    std::unique_lock lock(mutex_);
    wanted_ = true;
    changed_.wait(lock, [this] { return inside_ == 0; });
  }
  void End() {
    const std::lock_guard lock(mutex_);
    wanted_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool wanted_ = false;
};

// What was found wrong, by any thread.
class Findings {
 public:
  void Add(const std::string& text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(text);
  }
  std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

}  // namespace greffe
