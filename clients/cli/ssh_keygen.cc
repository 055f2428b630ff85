#include "clients/cli/ssh_keygen.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "clients/cpp/error.h"

namespace greffe::cli {
namespace {

absl::Status KeygenFailed(const std::string& what) {
  return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_SSH_KEYGEN_FAILED", "ssh-keygen: " + what);
}

// `text` is shorter than what a pipe holds.
void WriteAndClose(int fd, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t wrote = write(fd, text.data() + at, text.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    at += static_cast<std::size_t>(wrote);
  }
  close(fd);
}

std::string ReadAndClose(int fd) {
  std::string output;
  char buffer[4096];
  while (true) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    output.append(buffer, static_cast<std::size_t>(got));
  }
  close(fd);
  return output;
}

}  // namespace

absl::StatusOr<std::string> SignWithSshKeygen(const std::string& key_file, const std::string& name_space,
                                              const std::string& text) {
  std::vector<std::string> arguments = {"ssh-keygen", "-q", "-Y", "sign", "-n", name_space, "-f", key_file};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  if (pipe2(input, O_CLOEXEC) != 0) return KeygenFailed(std::strerror(errno));
  if (pipe2(output, O_CLOEXEC) != 0) {
    const int error = errno;
    close(input[0]);
    close(input[1]);
    return KeygenFailed(std::strerror(error));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, "ssh-keygen", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  if (error != 0) {
    for (const int fd : {input[0], input[1], output[0]}) close(fd);
    return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_SSH_KEYGEN_MISSING",
                             std::string("cannot run ssh-keygen: ") + std::strerror(error));
  }
  // Its end of the pipe stays open here until the text is in: a program that ends early is told by its exit code.
  WriteAndClose(input[1], text);
  close(input[0]);
  std::string signature = ReadAndClose(output[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return KeygenFailed("cannot sign with \"" + key_file + "\"");
  return signature;
}

}  // namespace greffe::cli
