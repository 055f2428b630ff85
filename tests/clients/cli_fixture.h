// Runs the command line against the fake server.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "clients/cli/app.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/clients/fake_server.h"

namespace greffe::cli {

// Of output that is JSON, a message a line.
inline std::vector<google::protobuf::Struct> JsonLines(const std::string& text) {
  std::vector<google::protobuf::Struct> documents;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &documents.emplace_back()).ok()) << line;
  }
  return documents;
}

inline std::string TextOf(const google::protobuf::Struct& document, const std::string& field) {
  const auto it = document.fields().find(field);
  return it == document.fields().end() ? "(missing)" : it->second.string_value();
}

class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "greffe-cli-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
    state_.projects["projects/p"].set_name("projects/p");
  }
  ~CliTest() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

  // The exit code; what it wrote is in out_ and err_.
  int Greffe(std::vector<std::string> arguments, bool colour = false) {
    arguments.insert(arguments.begin(), {"--server", server_.address(), "--project", "p"});
    std::ostringstream out;
    std::ostringstream err;
    const int code = cli::Run(arguments, Streams{out, err, colour, false});
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  static void WriteFile(const std::string& path, const std::string& content) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    std::ofstream(path, std::ios::binary) << content;
  }
  static std::string ReadFile(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }

  client::FakeServer server_;
  client::FakeState& state_ = server_.state();
  std::string folder_;
  std::filesystem::path before_;
  std::string out_;
  std::string err_;
};

}  // namespace greffe::cli
