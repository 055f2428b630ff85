#include "clients/cli/git_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "clients/cpp/error.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

absl::Status GitFailed(const std::string& command, const std::string& what) {
  return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_GIT_FAILED", command + ": " + what);
}

void CloseIfOpen(int& fd) {
  if (fd >= 0) close(std::exchange(fd, -1));
}

std::vector<std::string> Environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (text.rfind("GIT_", 0) == 0 || text.rfind("LC_", 0) == 0 || text.rfind("LANG", 0) == 0) continue;
    variables.push_back(text);
  }
  // Replaced objects are not the history; messages in English are those that people can search for.
  for (const char* variable :
       {"GIT_NO_REPLACE_OBJECTS=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C"}) {
    variables.emplace_back(variable);
  }
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<GitProcess>> GitProcess::Start(std::vector<std::string> arguments, bool with_input) {
  std::unique_ptr<GitProcess> process(new GitProcess());
  arguments.insert(arguments.begin(), "git");
  // The command is what follows the options of git itself.
  for (std::size_t i = 1; i < arguments.size() && process->name_.empty(); ++i) {
    if (arguments[i] == "-C" || arguments[i] == "-c") {
      ++i;
    } else {
      process->name_ = "git " + arguments[i];
    }
  }
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  process->errors_ = std::tmpfile();
  if (process->errors_ == nullptr || pipe2(output, O_CLOEXEC) != 0 || (with_input && pipe2(input, O_CLOEXEC) != 0)) {
    const int error = errno;
    for (int* fd : {&input[0], &input[1], &output[0], &output[1]}) CloseIfOpen(*fd);
    return GitFailed(process->name_, std::strerror(error));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (with_input) {
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(process->errors_), STDERR_FILENO);
  std::vector<std::string> environment = Environment();
  const int error =
      posix_spawnp(&process->pid_, "git", &actions, nullptr, Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  CloseIfOpen(input[0]);
  CloseIfOpen(output[1]);
  process->input_ = input[1];
  process->output_ = output[0];
  if (error != 0) {
    process->pid_ = -1;
    return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_GIT_MISSING",
                             std::string("cannot run git: ") + std::strerror(error));
  }
  // A git that ended early makes writes to it fail; it must not end this program.
  signal(SIGPIPE, SIG_IGN);
  return process;
}

GitProcess::~GitProcess() {
  CloseIfOpen(input_);
  CloseIfOpen(output_);
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  if (errors_ != nullptr) std::fclose(errors_);
}

absl::Status GitProcess::Write(const std::string& data) {
  for (std::size_t done = 0; done < data.size();) {
    const ssize_t count = write(input_, data.data() + done, data.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return GitFailed(name_, std::strerror(errno));
    done += static_cast<std::size_t>(count);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> GitProcess::Fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t size = buffer_.size();
  constexpr std::size_t kPiece = 64 << 10;
  buffer_.resize(size + kPiece);
  ssize_t count = 0;
  do {
    count = read(output_, buffer_.data() + size, kPiece);
  } while (count < 0 && errno == EINTR);
  buffer_.resize(size + static_cast<std::size_t>(count < 0 ? 0 : count));
  if (count < 0) return GitFailed(name_, std::strerror(errno));
  return count > 0;
}

absl::StatusOr<bool> GitProcess::ReadUntil(char delimiter, std::string& token) {
  std::size_t from = at_;
  while (true) {
    const std::size_t end = buffer_.find(delimiter, from);
    if (end != std::string::npos) {
      token.assign(buffer_, at_, end - at_);
      at_ = end + 1;
      return true;
    }
    from = buffer_.size() - at_;  // Fill moves what is left to the front
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, Fill());
    if (more) continue;
    token = buffer_;
    buffer_.clear();
    return !token.empty();
  }
}

absl::Status GitProcess::ReadExactly(std::size_t count, std::string& data) {
  while (buffer_.size() - at_ < count) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) return GitFailed(name_, "ended early");
  }
  data.assign(buffer_, at_, count);
  at_ += count;
  return absl::OkStatus();
}

absl::Status GitProcess::Finish() {
  CloseIfOpen(input_);
  while (true) {
    at_ = buffer_.size();
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
  }
  int status = 0;
  const pid_t pid = std::exchange(pid_, -1);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  std::string said;
  std::rewind(errors_);
  char piece[512];
  for (std::size_t count = 0; (count = std::fread(piece, 1, sizeof(piece), errors_)) > 0;) said.append(piece, count);
  said.erase(said.find_last_not_of(" \n") + 1);
  return GitFailed(name_, said.empty() ? "failed" : said);
}

absl::StatusOr<std::string> GitOutput(std::vector<std::string> arguments) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto process, GitProcess::Start(std::move(arguments)));
  std::string output;
  // No NUL in what these commands print: all of it is one token.
  GREFFE_CLIENT_RETURN_IF_ERROR(process->ReadUntil('\0', output).status());
  GREFFE_CLIENT_RETURN_IF_ERROR(process->Finish());
  output.erase(output.find_last_not_of('\n') + 1);
  return output;
}

}  // namespace greffe::cli
