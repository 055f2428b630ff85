#include "tests/bench/http2_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace greffe {
namespace {

constexpr std::size_t kBuffer = 64 << 10;
constexpr std::size_t kPrefix = 5;  // of a gRPC message: compressed or not, length

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << "\n";
  std::exit(1);
}

[[noreturn]] void FailWithErrno(const std::string& what) { Fail(what + ": " + std::strerror(errno)); }

nghttp2_nv Field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

}  // namespace

class Http2Client::Connection {
 public:
  Connection(int fd, int window, bool paced) : fd_(fd) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, paced ? 1 : 0);
    nghttp2_session_client_new2(&session_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(window)}, {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, window);
  }
  ~Connection() {
    nghttp2_session_del(session_);
    ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start(const std::string& authority, const char* method, const std::string& message, Done done) {
    Call call;
    const auto size = static_cast<std::uint32_t>(message.size());
    call.body.reserve(kPrefix + message.size());
    call.body += '\0';
    for (const int shift : {24, 16, 8, 0}) call.body += static_cast<char>(size >> shift);
    call.body += message;
    call.done = std::move(done);
    const nghttp2_nv fields[] = {Field(":method", "POST"), Field(":scheme", "http"),
                                 Field(":path", method),   Field(":authority", authority),
                                 Field("te", "trailers"),  Field("content-type", "application/grpc")};
    nghttp2_data_provider body;
    body.source.ptr = this;
    body.read_callback = ReadBody;
    const int stream = nghttp2_submit_request(session_, nullptr, fields, std::size(fields), &body, nullptr);
    if (stream < 0) Fail(std::string("request: ") + nghttp2_strerror(stream));
    stream_ = stream;
    calls_.emplace(stream, std::move(call));
  }

  void Consume(std::size_t bytes) {
    // A paced connection has one call.
    if (!calls_.empty()) nghttp2_session_consume(session_, stream_, bytes);
  }

  // False when the socket takes no more for now.
  bool Send() {
    while (true) {
      if (sent_ == out_.size()) {
        out_.clear();
        sent_ = 0;
        const std::uint8_t* bytes = nullptr;
        for (ssize_t got = 1; got > 0 && out_.size() < kBuffer;) {
          got = nghttp2_session_mem_send(session_, &bytes);
          if (got < 0) Fail(std::string("send: ") + nghttp2_strerror(static_cast<int>(got)));
          out_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(got));
        }
        if (out_.empty()) return true;
      }
      const ssize_t sent = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return false;
      if (sent < 0) FailWithErrno("send");
      sent_ += static_cast<std::size_t>(sent);
    }
  }

  void Receive() {
    thread_local char buffer[kBuffer];
    while (true) {
      const ssize_t got = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0) FailWithErrno("receive");
      if (got == 0) Fail("the server closed a connection");
      const ssize_t taken =
          nghttp2_session_mem_recv(session_, reinterpret_cast<std::uint8_t*>(buffer), static_cast<std::size_t>(got));
      if (taken != got) Fail(std::string("receive: ") + nghttp2_strerror(static_cast<int>(taken)));
      if (static_cast<std::size_t>(got) < sizeof(buffer)) return;
    }
  }

  int fd() const { return fd_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t messages() const { return messages_; }

 private:
  struct Call {
    std::string body;
    std::size_t sent = 0;
    std::string status = "none";
    std::string message;
    std::size_t prefix = 0;   // bytes of a message's prefix that have come
    std::uint32_t size = 0;   // as the prefix says
    std::uint32_t ahead = 0;  // bytes of the message that have not come yet
    Done done;
  };

  static ssize_t ReadBody(nghttp2_session*, std::int32_t stream, std::uint8_t* buffer, std::size_t length,
                          std::uint32_t* flags, nghttp2_data_source* source, void*) {
    Call& call = static_cast<Connection*>(source->ptr)->calls_.at(stream);
    const std::size_t piece = std::min(length, call.body.size() - call.sent);
    std::memcpy(buffer, call.body.data() + call.sent, piece);
    call.sent += piece;
    if (call.sent == call.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
    const std::string_view field(reinterpret_cast<const char*>(name), name_size);
    auto& calls = static_cast<Connection*>(self)->calls_;
    const auto call = calls.find(frame->hd.stream_id);
    if (call == calls.end() || (field != "grpc-status" && field != "grpc-message")) return 0;
    const std::string_view text(reinterpret_cast<const char*>(value), value_size);
    (field == "grpc-status" ? call->second.status : call->second.message) = text;
    return 0;
  }

  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t length,
                    void* self) {
    auto& connection = *static_cast<Connection*>(self);
    connection.bytes_ += length;
    const auto found = connection.calls_.find(stream);
    if (found == connection.calls_.end()) return 0;
    Call& call = found->second;
    while (length > 0) {
      if (call.ahead > 0) {
        const std::size_t piece = std::min<std::size_t>(length, call.ahead);
        call.ahead -= static_cast<std::uint32_t>(piece);
        data += piece;
        length -= piece;
        continue;
      }
      call.size = call.size << 8 | *data++;  // the first byte of five is shifted out
      --length;
      if (++call.prefix < kPrefix) continue;
      call.prefix = 0;
      call.ahead = call.size;
      ++connection.messages_;
    }
    return 0;
  }

  static int OnClose(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* self) {
    auto& calls = static_cast<Connection*>(self)->calls_;
    const auto found = calls.find(stream);
    if (found == calls.end()) return 0;
    const Call call = std::move(found->second);
    calls.erase(found);
    call.done(call.status == "0" && error == 0
                  ? ""
                  : "status " + call.status + ", stream error " + std::to_string(error) + ": " + call.message);
    return 0;
  }

  const int fd_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<std::int32_t, Call> calls_;
  std::int32_t stream_ = 0;  // the last one
  std::string out_;
  std::size_t sent_ = 0;  // bytes of `out_`
  std::uint64_t bytes_ = 0;
  std::uint64_t messages_ = 0;
};

Http2Client::Http2Client(const std::string& address) : authority_(address), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &host_) != 1) {
    Fail("'" + address + "': expected an IPv4 address and a port");
  }
  port_ = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
}

Http2Client::~Http2Client() { ::close(epoll_); }

int Http2Client::Connect(int window, bool paced) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) FailWithErrno("socket");
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = port_;
  to.sin_addr.s_addr = host_;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) FailWithErrno("connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  const int index = connections();
  connections_.push_back(std::make_unique<Connection>(fd, window, paced));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = static_cast<std::uint32_t>(index);
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) FailWithErrno("epoll");
  unsent_.push_back(index);
  return index;
}

int Http2Client::connections() const { return static_cast<int>(connections_.size()); }

void Http2Client::Start(int connection, const char* method, const std::string& message, Done done) {
  connections_[static_cast<std::size_t>(connection)]->Start(authority_, method, message, std::move(done));
  unsent_.push_back(connection);
}

void Http2Client::Consume(int connection, std::size_t bytes) {
  connections_[static_cast<std::size_t>(connection)]->Consume(bytes);
  unsent_.push_back(connection);
}

void Http2Client::Flush() {
  std::vector<int> full;
  for (const int index : unsent_) {
    if (!connections_[static_cast<std::size_t>(index)]->Send()) full.push_back(index);
  }
  unsent_ = std::move(full);
}

void Http2Client::Poll(std::chrono::nanoseconds wait) {
  Flush();
  // What did not go out is tried again soon.
  if (!unsent_.empty()) wait = std::min<std::chrono::nanoseconds>(wait, std::chrono::milliseconds(1));
  epoll_event events[256];
  timespec timeout{};
  timeout.tv_sec = wait.count() / 1'000'000'000;
  timeout.tv_nsec = wait.count() % 1'000'000'000;
  const int count = ::epoll_pwait2(epoll_, events, 256, &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    connections_[events[i].data.u32]->Receive();
    unsent_.push_back(static_cast<int>(events[i].data.u32));
  }
  Flush();
}

std::uint64_t Http2Client::bytes(int connection) const {
  return connections_[static_cast<std::size_t>(connection)]->bytes();
}

std::uint64_t Http2Client::messages(int connection) const {
  return connections_[static_cast<std::size_t>(connection)]->messages();
}

void RaiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace greffe
