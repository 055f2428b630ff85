// A receiver of webhooks as a process of its own: see webhook_receiver.py.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <string>
#include <utility>

namespace greffe {

class WebhookReceiver {
 public:
  // `script`: where webhook_receiver.py is.
  WebhookReceiver(const std::string& script, const std::string& secret, std::string address = "127.0.0.1")
      : address_(std::move(address)) {
    int output[2];
    int input[2];
    if (::pipe2(output, O_CLOEXEC) != 0 || ::pipe2(input, O_CLOEXEC) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(input[0], 0);
      ::dup2(output[1], 1);
      ::execlp("python3", "python3", script.c_str(), secret.c_str(), address_.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(input[0]);
    ::close(output[1]);
    to_ = input[1];
    from_ = output[0];
    port_ = ReadLine();
  }
  ~WebhookReceiver() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    for (const int end : {to_, from_}) {
      if (end >= 0) ::close(end);
    }
  }
  WebhookReceiver(const WebhookReceiver&) = delete;
  WebhookReceiver& operator=(const WebhookReceiver&) = delete;

  std::string url(const std::string& path = "/hook") const { return "http://" + address_ + ":" + port_ + path; }

  const std::string& port() const { return port_; }

  // Returns once it answers in that way. False: it does not tell.
  bool SetMode(const std::string& mode) {
    const std::string line = mode + "\n";
    if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) return false;
    for (std::string told = ReadLine(); told != ""; told = ReadLine()) {
      if (told == "mode " + mode) return true;
      requests_.push_back(told);
    }
    return false;
  }

  // The next request that it received, as JSON; "" when none comes for a minute.
  std::string NextLine() {
    if (requests_.empty()) return ReadLine();
    const std::string request = requests_.front();
    requests_.pop_front();
    return request;
  }

 private:
  std::string ReadLine() {
    while (true) {
      const std::size_t end = read_.find('\n');
      if (end != std::string::npos) {
        std::string line = read_.substr(0, end);
        read_.erase(0, end + 1);
        return line;
      }
      pollfd waited{from_, POLLIN, 0};
      if (::poll(&waited, 1, 60'000) <= 0) return "";
      char buffer[4096];
      const ssize_t got = ::read(from_, buffer, sizeof buffer);
      if (got <= 0) return "";
      read_.append(buffer, static_cast<std::size_t>(got));
    }
  }

  const std::string address_;
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string port_;
  std::string read_;
  std::deque<std::string> requests_;  // that came while a mode was set
};

}  // namespace greffe
