// The server's configuration: defaults, under a TOML file, under the environment, under flags.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/call/runtime.h"
#include "services/notifications/teller.h"
#include "services/webhooks/courier.h"
#include "storage/store/store.h"

namespace greffe {

struct ServerConfig {
  std::string data = "greffe-data";       // data directory
  std::string listen = "127.0.0.1:7433";  // host:port, loopback; port 0: a free one
  std::string port_file;                  // gets the port once the server listens
  std::string log_level = "info";         // debug, info, warn, error
  std::string log_format = "text";        // text, json
  int pool_threads = 4;                   // for what waits for the disk
  int pool_queue = 10'000;                // calls that may wait for them
  int max_concurrent_streams = 1000;      // on one connection
  int max_connections_memory_mib = 512;   // for all of gRPC's buffers
  int max_metadata_bytes = 16 << 10;
  int idle_seconds = 3600;  // a connection without calls is closed
  int stop_seconds = 20;    // for calls under way when the server stops
  CallLimits limits;
  StoreOptions store;
  TellerOptions notify;
  CourierOptions webhooks;
};

// Reads argv and, where `--config` or GREFFE_CONFIG names one, a file. INVALID_ARGUMENT names the flag, variable or
// key. FAILED_PRECONDITION as of CheckListenAddress. `help` is not empty when help, the version or the configuration
// itself was asked for: print it and end.
absl::StatusOr<ServerConfig> ReadServerConfig(int argc, char** argv, std::string& help);

// FAILED_PRECONDITION (LISTEN_NOT_LOOPBACK) for an address that others can reach: there is no authentication yet.
absl::Status CheckListenAddress(const std::string& listen);

}  // namespace greffe
