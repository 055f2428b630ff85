// The server as a process of its own: started, stopped, killed.
#pragma once

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {

class ServerProcess {
 public:
  explicit ServerProcess(std::string directory) : directory_(std::move(directory)) {}
  ~ServerProcess() {
    if (pid_ > 0) Kill();
  }

  // Starts it and waits until it listens; on the port of the last start, when there was one. False: it ended.
  bool Start(const std::vector<std::string>& more = {}) {
    Launch(more);
    while (true) {
      std::ifstream file(port_file());
      if (file >> port_) return true;
      if (::waitpid(pid_, &status_, WNOHANG) == pid_) {
        pid_ = -1;
        return false;
      }
      ::usleep(10'000);  // between two looks: the process's end and the file are both awaited
    }
  }
  // Starts it and waits for nothing.
  void Launch(const std::vector<std::string>& more = {}) {
    ::unlink(port_file().c_str());
    std::vector<std::string> arguments = {
        GREFFE_BIN "/greffed", "--data",   data(), "--listen", "127.0.0.1:" + (port_.empty() ? "0" : port_),
        "--port-file",         port_file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (most_files_ > 0) {
        const rlimit limit{most_files_, most_files_};
        ::setrlimit(RLIMIT_NOFILE, &limit);
      }
      const int log = ::open((directory_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
      ::dup2(log, 2);
      ::setenv("GREFFE_STORE_RESERVE_BYTES", "0", 0);  // the machine's own disk is not the test's matter
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
  }

  // From the next start on it may have no more open files.
  void LimitFiles(rlim_t most) { most_files_ = most; }

  // A clean stop; its exit code.
  int Stop() {
    ::kill(pid_, SIGTERM);
    return Wait();
  }
  void Kill() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    pid_ = -1;
  }

  pid_t pid() const { return pid_; }
  std::string data() const { return directory_ + "/data"; }
  std::string address() const { return "127.0.0.1:" + port_; }
  std::string log() const { return Shell("cat " + directory_ + "/log").output; }
  // Waits for its own end; its exit code.
  int Wait() {
    ::waitpid(pid_, &status_, 0);
    pid_ = -1;
    return exit_code();
  }
  int exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }
  std::string repository(const std::string& project) const { return data() + "/repositories/" + project + ".git"; }
  std::shared_ptr<grpc::Channel> Channel() const {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    return grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments);
  }

  // The command line against it: `Cli("--project p ls")`.
  ShellResult Cli(const std::string& arguments) const {
    return Shell(std::string(GREFFE_BIN) + "/greffe --server " + address() + " " + arguments);
  }
  ShellResult Admin(const std::string& arguments) const {
    return Shell(std::string(GREFFE_BIN) + "/greffe-admin --data " + data() + " " + arguments);
  }

 private:
  std::string port_file() const { return directory_ + "/port"; }

  const std::string directory_;
  std::string port_;
  rlim_t most_files_ = 0;
  pid_t pid_ = -1;
  int status_ = 0;
};

}  // namespace greffe
