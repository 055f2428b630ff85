#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/integration/server_process.h"

namespace greffe {
namespace {

class ProgramTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
};

TEST_F(ProgramTest, StopsCleanlyWithEverythingPacked) {
  ASSERT_TRUE(server_.Start({"--log-format", "json"})) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  std::ofstream(directory_.path() + "/a.md") << "text\n";
  ASSERT_EQ(server_.Cli("--project apollo put " + directory_.path() + "/a.md").exit_code, 0);
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_EQ(Shell("git -C " + server_.repository("apollo") + " show main:a.md").output, "text\n");
  EXPECT_NE(server_.log().find("\"message\":\"stopped\""), std::string::npos) << server_.log();
}

TEST_F(ProgramTest, ASecondServerOnTheSameDataIsRefused) {
  ASSERT_TRUE(server_.Start()) << server_.log();
  const ShellResult second = Shell(std::string(GREFFE_BIN) + "/greffed --listen 127.0.0.1:0 --data " + server_.data());
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.output.find("is in use by process"), std::string::npos) << second.output;
  const ShellResult admin = server_.Admin("verify");
  EXPECT_EQ(admin.exit_code, 1);
  EXPECT_NE(admin.output.find("is in use by process"), std::string::npos) << admin.output;
}

TEST_F(ProgramTest, AnAddressThatOthersReachIsRefused) {
  const ShellResult result = Shell(std::string(GREFFE_BIN) + "/greffed --listen 0.0.0.0:0 --data " + server_.data());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.output.find("no authentication"), std::string::npos) << result.output;
  EXPECT_FALSE(std::filesystem::exists(server_.data())) << "nothing was touched";
}

TEST_F(ProgramTest, AFullDiskRefusesWritesAndKeepsReading) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can mount a small file system";
  const std::string mount = directory_.path() + "/small";
  std::filesystem::create_directories(mount);
  if (Shell("mount -t tmpfs -o size=160m tmpfs " + mount).exit_code != 0) GTEST_SKIP() << "tmpfs cannot be mounted";
  ServerProcess server(mount);
  ASSERT_TRUE(server.Start({"--store-pack-delay-ms", "3600000"})) << server.log();
  ASSERT_EQ(server.Cli("project create apollo --title Apollo").exit_code, 0);
  std::ofstream(directory_.path() + "/a.md") << "text\n";
  ASSERT_EQ(server.Cli("--project apollo put " + directory_.path() + "/a.md").exit_code, 0);
  ASSERT_NE(Shell("head -c 400M /dev/zero > " + mount + "/fill").exit_code, 0);
  // Content that the few free bytes cannot hold; random, so that nothing shrinks it.
  ASSERT_EQ(Shell("head -c 1000000 /dev/urandom > " + directory_.path() + "/b.bin").exit_code, 0);
  const ShellResult full = server.Cli("--timeout 5 --project apollo put " + directory_.path() + "/b.bin");
  EXPECT_NE(full.exit_code, 0) << full.output;
  EXPECT_EQ(server.Cli("--project apollo get a.md -o -").output, "text\n") << "reads go on";
  std::filesystem::remove(mount + "/fill");
  const ShellResult freed = server.Cli("--project apollo put " + directory_.path() + "/b.bin");
  EXPECT_EQ(freed.exit_code, 0) << freed.output << server.log();
  EXPECT_EQ(server.Stop(), 0) << server.log();
  EXPECT_EQ(Shell("git -C " + server.repository("apollo") + " fsck --full --strict").output, "");
  EXPECT_EQ(Shell("umount " + mount).exit_code, 0);
}

}  // namespace
}  // namespace greffe
