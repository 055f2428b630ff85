#include "clients/cpp/temporary_path.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace greffe::client {
namespace {

using Slots = std::array<std::atomic<char*>, 32>;
Slots g_files;
Slots g_folders;
static_assert(std::atomic<char*>::is_always_lock_free, "a signal's handler takes no locks");

std::atomic<char*>* TakeSlot(const std::string& path, TemporaryPath::Kind kind) {
  char* const copy = strdup(path.c_str());
  for (std::atomic<char*>& slot : kind == TemporaryPath::Kind::kFile ? g_files : g_folders) {
    char* empty = nullptr;
    if (copy != nullptr && slot.compare_exchange_strong(empty, copy)) return &slot;
  }
  std::free(copy);
  return nullptr;
}

// Walking a tree is nothing for a signal's handler; another program may. Not fork(): it waits for locks. Who still
// writes there has had the same signal from the terminal; where it has not, some of that may stay.
void RemoveTree(const char* path) {
  const pid_t child = _Fork();
  if (child == 0) {
    execl("/bin/rm", "rm", "-rf", "--", path, static_cast<char*>(nullptr));
    _exit(127);
  }
  while (child > 0 && waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Calls async-signal-safe functions alone. A path that it has taken is not freed: the process ends.
void RemoveAndEnd(int signal) {
  for (std::atomic<char*>& slot : g_files) {
    if (const char* const path = slot.exchange(nullptr)) unlink(path);
  }
  for (std::atomic<char*>& slot : g_folders) {
    if (const char* const path = slot.exchange(nullptr)) RemoveTree(path);
  }
  raise(signal);  // the default action by now (SA_RESETHAND), once this returns
}

}  // namespace

TemporaryPath::TemporaryPath(std::string path, Kind kind) : path_(std::move(path)), slot_(TakeSlot(path_, kind)) {}

TemporaryPath::~TemporaryPath() {
  if (slot_ != nullptr) std::free(slot_->exchange(nullptr));  // null: a handler is at work with it
}

void RemoveTemporariesOnSignals() {
  struct sigaction action {};
  action.sa_handler = RemoveAndEnd;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  const std::array<int, 3> signals = {SIGINT, SIGTERM, SIGHUP};
  sigemptyset(&action.sa_mask);
  for (const int signal : signals) sigaddset(&action.sa_mask, signal);
  for (const int signal : signals) {
    struct sigaction former {};
    if (sigaction(signal, nullptr, &former) == 0 && former.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

}  // namespace greffe::client
