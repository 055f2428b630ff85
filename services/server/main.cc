// greffed: the document server.
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "services/server/config.h"
#include "services/server/logging.h"
#include "services/server/server.h"

namespace {

greffe::Server* running = nullptr;
volatile std::sig_atomic_t signals = 0;

// The first signal asks for a clean stop; the second one ends at once: what was acknowledged is safe either way.
void OnSignal(int) {
  signals = signals + 1;
  if (signals > 1) std::_Exit(1);
  running->RequestStop();
}

}  // namespace

int main(int argc, char** argv) {
  std::string help;
  const absl::StatusOr<greffe::ServerConfig> config = greffe::ReadServerConfig(argc, argv, help);
  if (!config.ok()) {
    std::cerr << "greffed: " << config.status().message() << "\nTry greffed --help.\n";
    return 2;
  }
  if (!help.empty()) {
    std::cout << help;
    return 0;
  }
  greffe::StartLogging(config->log_format, config->log_level);
  const auto server = greffe::Server::Start(*config);
  if (!server.ok()) {
    spdlog::error("cannot start: {}", std::string(server.status().message()));
    return 1;
  }
  running = server->get();
  std::signal(SIGTERM, OnSignal);
  std::signal(SIGINT, OnSignal);
  std::signal(SIGPIPE, SIG_IGN);
  spdlog::info("greffed {} listening on {}, data in '{}'", GREFFE_VERSION, (*server)->address(), config->data);
  const absl::Status stopped = (*server)->Wait();
  if (!stopped.ok()) {
    spdlog::error("stopped: {}", std::string(stopped.message()));
    return 1;
  }
  spdlog::info("stopped");
  return 0;
}
