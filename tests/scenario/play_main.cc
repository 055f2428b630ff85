// Plays the story into a data directory, for readers that look at it from outside: greffe_scenario DATA.
#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "services/server/server.h"
#include "tests/scenario/fake_clock.h"
#include "tests/scenario/story.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: greffe_scenario DATA\n");
    return 2;
  }
  greffe::FakeClock clock(greffe::FakeClock::MorningOf(2026, 1, 2));
  greffe::ServerConfig config;
  config.data = argv[1];
  config.listen = "127.0.0.1:0";
  config.store.directory = config.data;
  config.store.reserve_bytes = 0;
  auto server = greffe::Server::Start(config, &clock);
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  absl::Status stopped;
  std::thread waiter([&] { stopped = (*server)->Wait(); });
  {
    const auto channel = grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
    greffe::PlayStory(
        channel, clock, [](greffe::Micros) {}, [](greffe::Micros) {});
  }
  (*server)->RequestStop();
  waiter.join();
  return stopped.ok() && !testing::Test::HasFailure() ? 0 : 1;
}
