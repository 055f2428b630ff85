// Every view of a project of three months, at every evening on which something happened: as it was answered then, so it
// is answered afterwards, also by an index made anew.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "services/server/server.h"
#include "tests/scenario/fake_clock.h"
#include "tests/scenario/story.h"
#include "tests/scenario/views.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

class ScenarioTest : public testing::Test {
 protected:
  void SetUp() override { Start(); }
  void TearDown() override { Stop(); }

  void Start() {
    ServerConfig config;
    config.data = directory_.path() + "/data";
    config.listen = "127.0.0.1:0";
    config.store.directory = config.data;
    config.store.reserve_bytes = 0;
    auto server = Server::Start(config, &clock_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    waiter_ = std::thread([this] { EXPECT_TRUE(server_->Wait().ok()); });
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  }
  void Stop() {
    if (server_ == nullptr) return;
    channel_.reset();
    server_->RequestStop();
    waiter_.join();
    server_.reset();
  }

  TemporaryDirectory directory_;
  FakeClock clock_{FakeClock::MorningOf(2026, 1, 2)};
  std::unique_ptr<Server> server_;
  std::thread waiter_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ScenarioTest, EveryEveningIsAnsweredAsItWasAlsoByAnIndexMadeAnew) {
  struct Answered {
    Micros evening;
    std::string views;
  };
  std::vector<Answered> then;
  PlayStory(channel_, clock_, [&](Micros now) { then.push_back({now, ViewsOf(channel_, v1::AsOf())}); });
  ASSERT_EQ(then.size(), 14u);
  ASSERT_FALSE(HasFailure());
  for (std::size_t i = 1; i < then.size(); ++i) EXPECT_NE(then[i].views, then[i - 1].views) << i;
  for (const bool anew : {false, true}) {
    if (anew) {
      Stop();
      std::filesystem::remove_all(directory_.path() + "/data/index");
      Start();
    }
    for (const Answered& answered : then) {
      v1::AsOf as_of;
      *as_of.mutable_time() = ToTimestamp(answered.evening);
      EXPECT_EQ(ViewsOf(channel_, as_of), answered.views) << "anew: " << anew << ", evening " << answered.evening;
    }
  }
  Stop();
  const std::string repository = directory_.path() + "/data/repositories/station.git";
  EXPECT_EQ(Shell("git -C " + repository + " fsck --full --strict").output, "");
  EXPECT_EQ(Shell("git -C " + repository + " tag -l").output, "baselines/gate-1\nbaselines/hand-over\n");
}

}  // namespace
}  // namespace greffe
