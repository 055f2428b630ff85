// A running server: the store, the services over it, and gRPC in front.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/server/config.h"

namespace greffe {

class Server {
 public:
  // Opens the data directory and listens. `clock` outlives the server; null: the system's. One that fails has ended
  // what it began: the data directory is free again.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerConfig& config, const Clock* clock = nullptr);
  ~Server();

  int port() const;
  // "127.0.0.1:7433"
  std::string address() const;
  Store& store();

  // From any thread, a signal's too: lets Wait return.
  void RequestStop();
  // Until a stop is asked for; then finishes calls under way, packs, closes. OK for a clean stop.
  absl::Status Wait();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace greffe
