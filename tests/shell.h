// Stock programs as witnesses.
#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace greffe {

struct ShellResult {
  int exit_code = -1;
  std::string output;  // of both streams
};

inline ShellResult Shell(const std::string& command) {
  ShellResult result;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer;
  std::size_t got = 0;
  while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) result.output.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  result.exit_code = status < 0 ? -1 : WEXITSTATUS(status);
  return result;
}

}  // namespace greffe
