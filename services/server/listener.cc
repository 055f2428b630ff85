#include "services/server/listener.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr int kPauseMs = 100;
constexpr int kUserTimeoutMs = 20'000;  // as gRPC's own listeners have it where connections are kept alive

absl::Status ListenFailed(const std::string& why) {
  return Error(absl::StatusCode::kUnavailable, "LISTEN_FAILED", why);
}

void SetOption(const FileHandle& socket, int level, int name, int value) {
  ::setsockopt(socket.get(), level, name, &value, sizeof value);
}

// The port lies at the same place in the addresses of both families.
int PortOf(const FileHandle& socket) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin6_port);
}

void SetPort(sockaddr* address, int port) {
  reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(static_cast<std::uint16_t>(port));
}

FileHandle NewSocket(int family) { return FileHandle(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// The number of descriptors from which on connections wait; they get the lowest that is free.
int MostDescriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto most = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
  return most - std::min(most / 16, 256);
}

bool HasRoom(int any_descriptor) {
  const FileHandle lowest(::fcntl(any_descriptor, F_DUPFD_CLOEXEC, 0));
  return lowest.valid() && lowest.get() < MostDescriptors();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const std::string& address) {
  std::unique_ptr<Listener> listener(new Listener);
  listener->stop_ = FileHandle(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  absl::Status bound;
  constexpr std::string_view kUnix = "unix:";
  if (!listener->stop_.valid()) {
    bound = ListenFailed(std::strerror(errno));
  } else if (address.starts_with(kUnix)) {
    std::string path = address.substr(kUnix.size());
    if (path.starts_with("//")) path.erase(0, 2);  // "unix:///absolute"
    bound = listener->BindPath(path);
  } else {
    const std::size_t colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    bound = listener->BindHost(host, address.substr(colon + 1));
  }
  if (!bound.ok()) return ListenFailed("cannot listen on '" + address + "': " + std::string(bound.message()));
  return listener;
}

Listener::~Listener() {
  if (thread_.joinable()) {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  if (!path_.empty()) ::unlink(path_.c_str());
}

// On each of the host's addresses that there are here: "localhost" may be ::1 alone, or 127.0.0.1.
absl::Status Listener::BindHost(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return ListenFailed(::gai_strerror(error));
  }
  int failed = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    FileHandle socket = NewSocket(address->ai_family);
    if (!socket.valid()) {
      failed = errno;
      continue;
    }
    // Accepted connections have these too. No SO_REUSEPORT: another server would share the port.
    SetOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    SetOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    SetOption(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
    if (port_ != 0) SetPort(address->ai_addr, port_);
    if (::bind(socket.get(), address->ai_addr, address->ai_addrlen) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
      failed = errno;
      continue;
    }
    if (port_ == 0) port_ = PortOf(socket);
    sockets_.push_back(std::move(socket));
  }
  ::freeaddrinfo(found);
  return sockets_.empty() ? ListenFailed(std::strerror(failed)) : absl::OkStatus();
}

absl::Status Listener::BindPath(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return ListenFailed("the path has to have 1 to " + std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  path.copy(address.sun_path, path.size());
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  const FileHandle other = NewSocket(AF_UNIX);
  // EAGAIN: many wait there to be accepted.
  if (::connect(other.get(), any, sizeof address) == 0 || errno == EAGAIN) return ListenFailed("another server does");
  // One that a killed server left is nobody's.
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
  FileHandle socket = NewSocket(AF_UNIX);
  if (!socket.valid() || ::bind(socket.get(), any, sizeof address) != 0) return ListenFailed(std::strerror(errno));
  path_ = path;
  if (::listen(socket.get(), SOMAXCONN) != 0) return ListenFailed(std::strerror(errno));
  port_ = 1;
  sockets_.push_back(std::move(socket));
  return absl::OkStatus();
}

void Listener::Start(std::function<void(int socket, int connection)> take) {
  take_ = std::move(take);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Run() {
  std::vector<pollfd> polled;
  for (const FileHandle& socket : sockets_) polled.push_back({socket.get(), POLLIN, 0});
  polled.push_back({stop_.get(), POLLIN, 0});
  while (true) {
    const int ready = ::poll(polled.data(), polled.size(), held_ ? kPauseMs : -1);
    if (polled.back().revents != 0) return;
    if (ready == 0) {
      held_ = false;
      spdlog::info("all connections that waited are taken");
    }
    pause_ = false;
    for (std::size_t i = 0; ready > 0 && i < sockets_.size(); ++i) {
      if (polled[i].revents != 0) AcceptOne(polled[i].fd);
    }
    // What waits would be ready at once.
    if (pause_) ::poll(&polled.back(), 1, kPauseMs);
  }
}

void Listener::AcceptOne(int socket) {
  if (!HasRoom(socket)) {
    return TellHeld("of the " + std::to_string(MostDescriptors()) + " descriptors that are for them none is left");
  }
  const int connection = ::accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection >= 0) return take_(socket, connection);
  if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) TellHeld(std::strerror(errno));
}

void Listener::TellHeld(const std::string& why) {
  pause_ = true;
  if (std::exchange(held_, true)) return;
  spdlog::error("connections wait: {}; see 'Many connections' in OPERATIONS.md", why);
}

bool AnswersAreOnTheirWay() {
  // gRPC does not say which descriptors it has.
  std::error_code error;
  for (std::filesystem::directory_iterator file("/proc/self/fd", error), end; !error && file != end;
       file.increment(error)) {
    const int descriptor = std::atoi(file->path().filename().c_str());
    int family = AF_UNSPEC;
    socklen_t size = sizeof family;
    int bytes = 0;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family != AF_UNIX &&
        ::ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0) {
      return true;
    }
  }
  return false;
}

}  // namespace greffe
