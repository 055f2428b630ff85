// The sockets that the server listens on, and the thread that accepts connections for gRPC. A listener of gRPC's own is
// gone for good with the first accept() that fails, as it does when the process has no descriptor left.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/durable_file.h"

namespace greffe {

class Listener {
 public:
  // `address`: host:port or unix:PATH. UNAVAILABLE (LISTEN_FAILED) when it cannot be had. A socket that nobody listens
  // on any more is taken away from the path.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& address);
  // Ends the thread, and gives the address free.
  ~Listener();

  // That of all addresses of the host; 1 of a path.
  int port() const { return port_; }

  // From now on `take` gets each connection, which it closes, and the socket that it came to, on one thread. Once.
  // While the process has few descriptors left, connections wait, so that files can still be opened; the log says so.
  void Start(std::function<void(int socket, int connection)> take);

 private:
  Listener() = default;
  absl::Status BindHost(const std::string& host, const std::string& port);
  absl::Status BindPath(const std::string& path);
  void Run();
  void AcceptOne(int socket);
  void TellHeld(const std::string& why);

  std::string path_;  // to be removed
  int port_ = 0;
  std::vector<FileHandle> sockets_;
  FileHandle stop_;    // an eventfd
  bool held_ = false;  // connections wait, and the log said so
  bool pause_ = false;
  std::function<void(int socket, int connection)> take_;
  std::thread thread_;
};

// Whether a TCP connection of this process has bytes that are not at its other end yet.
bool AnswersAreOnTheirWay();

}  // namespace greffe
