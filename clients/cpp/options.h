// How a client talks to its server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace greffe::client {

// When an attempt failed for want of a server, or of its time, the call is made again: every mutation carries a request
// id, so that the server does it once however often it is asked.
struct RetryPolicy {
  // Attempts in a row that fail before the call does.
  int max_attempts = 5;
  // The same for a stream that had made progress, and for a client that a server has answered before: a server that
  // restarts is waited for, half a minute or so.
  int resume_attempts = 12;
  std::chrono::milliseconds initial_backoff{100};
  std::chrono::milliseconds max_backoff{5000};
  // The same as `max_attempts` where a server says that it has no room (SERVER_BUSY): what others hold of it is given
  // back in minutes, not in seconds. With these waits it is asked for more than a minute.
  int busy_attempts = 24;
  // Waits so long between two attempts; empty: the thread sleeps.
  std::function<void(std::chrono::milliseconds)> wait = {};
};

struct ClientOptions {
  // `host:port`, or any name that gRPC resolves. Called directly: http_proxy and the like in the environment do not
  // count.
  std::string server = "127.0.0.1:7433";

  // For a unary call with all its attempts.
  std::chrono::milliseconds timeout{60000};

  // A stream on which nothing moves for so long is broken off, and taken up again where it can be.
  std::chrono::milliseconds stall_timeout{45000};

  // For what a server does with an upload while nothing can move: it reads what it has before it goes on, and checks
  // all at its end. 16 GiB take it a minute from a fast disk, half an hour from a slow one.
  std::chrono::milliseconds check_timeout{std::chrono::hours(1)};

  RetryPolicy retry;

  // Who acts, where the server lets the client say so: on loopback without authentication. Empty: the server decides.
  std::string principal_id;
  std::string principal_name;

  // Of the first write of this client, whose others get it with "-2", "-3", ... behind it: who gives the same one
  // again, and asks for the same, gets the answer that there is. Empty: each write gets a random one.
  std::string request_id;

  // Content up to this size travels inside requests, together; the server's inline limit.
  std::int64_t inline_limit = 1 << 20;

  // Bytes of a message of an upload; the contract's maximum is 1 MiB.
  std::int64_t upload_chunk = 512 << 10;
};

// Metadata in which `principal_id` and `principal_name` travel: an id of printable ASCII under the first key, any other
// and the name as UTF-8.
inline constexpr char kPrincipalIdKey[] = "greffe-principal";
inline constexpr char kPrincipalIdBinaryKey[] = "greffe-principal-bin";
inline constexpr char kPrincipalNameKey[] = "greffe-principal-name-bin";

}  // namespace greffe::client
