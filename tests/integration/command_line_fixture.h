// A server of its own with the project `apollo`, and people who type commands.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/integration/server_process.h"

namespace greffe {

class CommandLineTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start()) << server_.log();
    ASSERT_EQ(server_.Cli("project create apollo --title Apollo --stage design").exit_code, 0);
  }

  ShellResult Greffe(const std::string& arguments, const std::string& who = "ada") {
    return server_.Cli("--project apollo --principal " + who + " " + arguments);
  }
  // The output, of a command that must succeed.
  std::string Output(const std::string& arguments, const std::string& who = "ada") {
    const ShellResult result = Greffe(arguments, who);
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.output;
    return result.output;
  }
  void ExpectInOutput(const std::string& arguments, const std::string& part) {
    EXPECT_THAT(Output(arguments), testing::HasSubstr(part)) << arguments;
  }
  // A local file, in a folder of its own; its path.
  std::string Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = directory_.path() + "/files/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }
  // Stops the server, and looks whether all it has agrees.
  void ExpectSound() {
    EXPECT_EQ(server_.Stop(), 0) << server_.log();
    for (const char* command : {"index verify", "verify"}) {
      const ShellResult result = server_.Admin(command);
      EXPECT_EQ(result.exit_code, 0) << command << "\n" << result.output;
    }
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
};

}  // namespace greffe
