#include "services/server/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "storage/base/errors.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

absl::StatusOr<ServerConfig> Read(std::vector<std::string> arguments, std::string* help = nullptr) {
  arguments.insert(arguments.begin(), "greffed");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::string text;
  auto config = ReadServerConfig(static_cast<int>(argv.size()), argv.data(), text);
  if (help != nullptr) *help = text;
  return config;
}

TEST(ConfigTest, FlagsGoOverTheEnvironmentOverTheFileOverDefaults) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/greffed.toml";
  std::ofstream(path)
      << "data = \"from-file\"\nlisten = \"127.0.0.1:1\"\n[store]\npack_delay_ms = 50\n[log]\nlevel = \"warn\"\n";
  ::setenv("GREFFE_LISTEN", "127.0.0.1:2", 1);
  ::setenv("GREFFE_LOG_LEVEL", "error", 1);
  const auto config = Read({"--config", path, "--log-level", "debug"});
  ::unsetenv("GREFFE_LISTEN");
  ::unsetenv("GREFFE_LOG_LEVEL");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->data, "from-file");
  EXPECT_EQ(config->listen, "127.0.0.1:2");
  EXPECT_EQ(config->log_level, "debug");
  EXPECT_EQ(config->store.pack_delay.count(), 50);
  EXPECT_EQ(config->store.committers, StoreOptions{}.committers);
}

TEST(ConfigTest, WhatItPrintsIsAFileThatGivesTheSame) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/greffed.toml";
  std::string first;
  ASSERT_TRUE(Read({"--print-config", "--data", "d\"\\x", "--store-committers", "3"}, &first).ok());
  std::ofstream(path) << first;
  std::string second;
  const auto config = Read({"--print-config", "--config", path}, &second);
  ASSERT_TRUE(config.ok()) << config.status() << first;
  EXPECT_EQ(second, first);
  EXPECT_EQ(config->data, "d\"\\x");
}

TEST(ConfigTest, WhatItDoesNotKnowIsNamed) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/greffed.toml";
  std::ofstream(path) << "[store]\npack_delay = 3\n";
  const auto unknown = Read({"--config", path});
  EXPECT_NE(std::string(unknown.status().message()).find("store.pack_delay"), std::string::npos) << unknown.status();
  EXPECT_FALSE(Read({"--colour", "red"}).ok());
  EXPECT_FALSE(Read({"--store-committers", "many"}).ok());
  EXPECT_FALSE(Read({"--store-committers", "0"}).ok());
  EXPECT_FALSE(Read({"--log-level", "loud"}).ok());
  EXPECT_FALSE(Read({"--config", path + ".none"}).ok());
  const auto folder = Read({"--config", directory.path()});
  EXPECT_NE(std::string(folder.status().message()).find("is no regular file"), std::string::npos) << folder.status();
}

// gRPC takes the time in milliseconds, as an int.
TEST(ConfigTest, AnIdleTimeThatDoesNotFitIsRefused) {
  EXPECT_TRUE(Read({"--server-idle-seconds", "2147483"}).ok());
  const auto above = Read({"--server-idle-seconds", "2147484"});
  EXPECT_EQ(ReasonOf(above.status()), "CONFIG_INVALID") << above.status();
}

// One import takes a message as it comes and parsed, the bytes of a commit, and what its 100,000 changes take beside.
TEST(ConfigTest, StreamsThatHoldTooLittleForAnImportAreRefused) {
  const std::string message = std::to_string(64 << 20);
  constexpr int kLeast = (192 << 20) + 100'000 * 512;
  EXPECT_TRUE(Read({"--limits-message-bytes", message, "--limits-stream-bytes", std::to_string(kLeast)}).ok());
  const auto below = Read({"--limits-message-bytes", message, "--limits-stream-bytes", std::to_string(kLeast - 1)});
  EXPECT_EQ(ReasonOf(below.status()), "CONFIG_INVALID") << below.status();
  for (const char* key : {"limits.stream_bytes", "limits.message_bytes"}) {
    EXPECT_NE(below.status().message().find(key), std::string::npos) << below.status();
  }
  EXPECT_TRUE(Read({"--limits-stream-bytes", std::to_string(128 << 20)}).ok()) << "of messages as they are by default";
}

TEST(ConfigTest, AddressesThatOthersReachAreRefused) {
  for (const char* good : {"127.0.0.1:7433", "localhost:0", "[::1]:7433", "127.8.0.1:80", "unix:/tmp/g.sock"}) {
    EXPECT_TRUE(CheckListenAddress(good).ok()) << good;
  }
  for (const char* open : {"0.0.0.0:7433", "[::]:7433", "192.168.1.5:7433", "example.org:7433", ":7433"}) {
    EXPECT_EQ(ReasonOf(CheckListenAddress(open)), "LISTEN_NOT_LOOPBACK") << open;
  }
  for (const char* wrong : {"127.0.0.1", "127.0.0.1:port", "127.0.0.1:70000", ""}) {
    EXPECT_EQ(ReasonOf(CheckListenAddress(wrong)), "CONFIG_INVALID") << wrong;
  }
  std::string help;
  const auto open = Read({"--print-config", "--listen", "0.0.0.0:7433"}, &help);
  EXPECT_EQ(ReasonOf(open.status()), "LISTEN_NOT_LOOPBACK") << open.status();
  EXPECT_EQ(help, "");
  const auto wrong = Read({"--listen", "127.0.0.1"});
  EXPECT_EQ(ReasonOf(wrong.status()), "CONFIG_INVALID") << wrong.status();
}

}  // namespace
}  // namespace greffe
