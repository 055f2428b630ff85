// How far an address reaches: what a server may be made to connect to, and what not.
#pragma once

#include <sys/socket.h>

#include "absl/status/statusor.h"

namespace greffe {

enum class Reach {
  kPublic,
  // Of private networks (RFC 1918, RFC 6598, RFC 4193), of this machine (loopback, "any"), multicast, reserved.
  kPrivate,
  // Link-local, and where clouds answer about their machines: whoever can connect to it may learn secrets of the host.
  kNever,
};

// By the address that is meant: of an IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4), that of the
// former.
Reach ReachOf(const sockaddr& address);

// Whether a network interface of this machine has the address that is meant now: by it the machine is reached from
// inside, though it may be a public one. UNAVAILABLE when nobody can say.
absl::StatusOr<bool> IsOfThisMachine(const sockaddr& address);

}  // namespace greffe
