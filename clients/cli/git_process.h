// Stock git, as a process whose output is read as it comes.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe::cli {

// Not thread-safe. Destroyed before its end, the process is ended.
class GitProcess {
 public:
  // Starts `git` with these arguments, in a plain environment: the caller's GIT_... variables, which could point it to
  // another repository, are not passed on. FAILED_PRECONDITION (LOCAL_GIT_MISSING).
  static absl::StatusOr<std::unique_ptr<GitProcess>> Start(std::vector<std::string> arguments, bool with_input = false);
  ~GitProcess();
  GitProcess(const GitProcess&) = delete;
  GitProcess& operator=(const GitProcess&) = delete;

  // Writes to its standard input. UNAVAILABLE is never the answer: FAILED_PRECONDITION (LOCAL_GIT_FAILED).
  absl::Status Write(const std::string& data);

  // Reads up to the next `delimiter`, which is dropped; false at the end of the output.
  absl::StatusOr<bool> ReadUntil(char delimiter, std::string& token);
  // Reads exactly so many bytes.
  absl::Status ReadExactly(std::size_t count, std::string& data);

  // Closes its input, drops what is left of its output and waits: FAILED_PRECONDITION (LOCAL_GIT_FAILED) with what it
  // said when it failed.
  absl::Status Finish();

 private:
  GitProcess() = default;
  absl::StatusOr<bool> Fill();

  std::string name_;  // the command, for messages
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::FILE* errors_ = nullptr;
  std::string buffer_;
  std::size_t at_ = 0;
};

// The whole output of a git command, without the last line feed.
absl::StatusOr<std::string> GitOutput(std::vector<std::string> arguments);

}  // namespace greffe::cli
