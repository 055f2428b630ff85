// Calls of gRPC over HTTP/2 without gRPC's channels: one thread, any number of connections (nghttp2, epoll). A
// connection costs a file and some KiB and a call some microseconds, so that what is measured is the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace greffe {

// Of one thread. What fails ends the program: a measurement with failures says nothing.
class Http2Client {
 public:
  // `error`: empty for a call that ended with status OK.
  using Done = std::function<void(const std::string& error)>;
  static constexpr int kLargeWindow = (1 << 30) - 1;

  // `address`: "127.0.0.1:7433".
  explicit Http2Client(const std::string& address);
  ~Http2Client();

  // Opens a connection of its own; its index, counted from 0. `window`: bytes that the server may send ahead of what
  // was read. With `paced` they come back by Consume alone, else as they arrive.
  int Connect(int window = kLargeWindow, bool paced = false);
  int connections() const;

  // `method`: "/greffe.v1.Contents/FetchContent"; outlives the call. `message`: the request, serialised.
  void Start(int connection, const char* method, const std::string& message, Done done);
  // Lets the server send as many bytes more.
  void Consume(int connection, std::size_t bytes);
  // Sends what was started, and takes what has come; waits for something to come for at most `wait`.
  void Poll(std::chrono::nanoseconds wait);

  // Of the answers so far.
  std::uint64_t bytes(int connection) const;
  std::uint64_t messages(int connection) const;

 private:
  class Connection;
  void Flush();

  std::uint32_t host_ = 0;
  std::uint16_t port_ = 0;
  std::string authority_;
  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<int> unsent_;  // connections with something to send
};

// This process may have as many files open as it is allowed to: the soft limit is raised to the hard one.
void RaiseFileLimit();

}  // namespace greffe
