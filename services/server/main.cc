// greffed: the document server.
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "services/server/config.h"
#include "services/server/logging.h"
#include "services/server/server.h"
#include "storage/base/errors.h"
#include "storage/base/open_files.h"

namespace {

// A damaged index is made anew by a start of its own; a disk that damages it again and again is not to be trusted.
constexpr int kMostStarts = 4;

greffe::Server* volatile running = nullptr;
volatile std::sig_atomic_t signals = 0;

// The first signal asks for a clean stop; the second one ends at once: what was acknowledged is safe either way.
void OnSignal(int) {
  signals = signals + 1;
  if (signals > 1) std::_Exit(1);
  if (running != nullptr) running->RequestStop();
}

// From a start to the stop; the outcome was logged. `config` keeps the port that was taken.
absl::Status Serve(greffe::ServerConfig& config) {
  const auto server = greffe::Server::Start(config);
  if (!server.ok()) {
    spdlog::error("cannot start: {}", std::string(server.status().message()));
    return server.status();
  }
  running = server->get();
  if (signals > 0) (*server)->RequestStop();  // one that came while it started
  config.listen = (*server)->address();
  spdlog::info("greffed {} listening on {}, data in '{}'", GREFFE_VERSION, config.listen, config.data);
  const absl::Status stopped = (*server)->Wait();
  running = nullptr;
  if (stopped.ok()) {
    spdlog::info("stopped");
  } else {
    spdlog::error("stopped: {}", std::string(stopped.message()));
  }
  return stopped;
}

}  // namespace

int main(int argc, char** argv) {
  std::string help;
  absl::StatusOr<greffe::ServerConfig> config = greffe::ReadServerConfig(argc, argv, help);
  if (!config.ok()) {
    std::cerr << "greffed: " << config.status().message() << "\nTry greffed --help.\n";
    return 2;
  }
  if (!help.empty()) {
    std::cout << help;
    return 0;
  }
  greffe::StartLogging(config->log_format, config->log_level);
  std::signal(SIGTERM, OnSignal);
  std::signal(SIGINT, OnSignal);
  std::signal(SIGPIPE, SIG_IGN);
  greffe::RaiseOpenFileLimit();
  for (int starts = 1;; ++starts) {
    const absl::Status served = Serve(*config);
    if (served.ok()) return 0;
    if (greffe::ReasonOf(served) != greffe::kIndexDamaged || signals > 0 || starts == kMostStarts) return 1;
    spdlog::info("starting again, with an index made anew");
  }
}
