#include "services/webhooks/reach.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

namespace greffe {
namespace {

struct Network4 {
  std::uint32_t address;
  int bits;
};

// Metadata and agents: 169.254/16 of most, Alibaba's, Azure's, Oracle's.
constexpr std::array<Network4, 4> kNever4 = {{{0xa9fe0000, 16}, {0x646464c8, 32}, {0xa83f8110, 32}, {0xc00000c0, 32}}};
constexpr std::array<Network4, 9> kPrivate4 = {{{0x00000000, 8},    // this machine
                                                {0x0a000000, 8},    // 10/8
                                                {0x64400000, 10},   // 100.64/10, of carriers
                                                {0x7f000000, 8},    // loopback
                                                {0xac100000, 12},   // 172.16/12
                                                {0xc0000000, 24},   // 192.0.0/24, of protocols
                                                {0xc0a80000, 16},   // 192.168/16
                                                {0xc6120000, 15},   // 198.18/15, of benchmarks
                                                {0xe0000000, 3}}};  // multicast and reserved

template <std::size_t Count>
bool IsIn(std::uint32_t address, const std::array<Network4, Count>& networks) {
  for (const Network4& network : networks) {
    if ((address >> (32 - network.bits)) == (network.address >> (32 - network.bits))) return true;
  }
  return false;
}

Reach ReachOf4(std::uint32_t address) {
  if (IsIn(address, kNever4)) return Reach::kNever;
  return IsIn(address, kPrivate4) ? Reach::kPrivate : Reach::kPublic;
}

std::uint32_t Inside(const in6_addr& address, int at) {
  std::uint32_t inner = 0;
  std::memcpy(&inner, address.s6_addr + at, sizeof inner);
  return ntohl(inner);
}

bool BeginsWith(const in6_addr& address, std::initializer_list<unsigned char> bytes) {
  return std::equal(bytes.begin(), bytes.end(), address.s6_addr);
}

// The IPv4 address that is meant by one that has it inside.
std::optional<std::uint32_t> Meant4(const in6_addr& address) {
  // ::/96 and ::ffff:0:0/96.
  if (IN6_IS_ADDR_V4MAPPED(&address) || IN6_IS_ADDR_V4COMPAT(&address)) return Inside(address, 12);
  // 64:ff9b::/96, and 2002::/16.
  if (BeginsWith(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return Inside(address, 12);
  if (BeginsWith(address, {0x20, 0x02})) return Inside(address, 2);
  // ::ffff:0:0:0/96, translated by SIIT.
  if (BeginsWith(address, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0})) return Inside(address, 12);
  return std::nullopt;
}

Reach ReachOf6(const in6_addr& address) {
  if (IN6_IS_ADDR_LINKLOCAL(&address)) return Reach::kNever;
  // Amazon's metadata: fd00:ec2::/32.
  if (BeginsWith(address, {0xfd, 0x00, 0x0e, 0xc2})) return Reach::kNever;
  // Google's: fd20:ce::254.
  if (BeginsWith(address, {0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54})) return Reach::kNever;
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address)) return Reach::kPrivate;
  if (const std::optional<std::uint32_t> meant = Meant4(address)) return ReachOf4(*meant);
  // 64:ff9b:1::/48 is for translators of the own network (RFC 8215), whose prefix has 48 bits, or most often 96.
  if (BeginsWith(address, {0, 0x64, 0xff, 0x9b, 0, 1})) {
    const std::uint32_t split = Inside(address, 6) & 0xffff0000u;  // around the byte that has no meaning
    const std::uint32_t rest = Inside(address, 9) >> 16;
    const bool never = ReachOf4(split | rest) == Reach::kNever || ReachOf4(Inside(address, 12)) == Reach::kNever;
    return never ? Reach::kNever : Reach::kPrivate;
  }
  const bool unique_local = (address.s6_addr[0] & 0xfe) == 0xfc;
  const bool site_local = IN6_IS_ADDR_SITELOCAL(&address);
  return unique_local || site_local || IN6_IS_ADDR_MULTICAST(&address) ? Reach::kPrivate : Reach::kPublic;
}

std::uint32_t Address4(const sockaddr& address) {
  sockaddr_in v4;
  std::memcpy(&v4, &address, sizeof v4);
  return ntohl(v4.sin_addr.s_addr);
}

in6_addr Address6(const sockaddr& address) {
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof v6);
  return v6.sin6_addr;
}

}  // namespace

Reach ReachOf(const sockaddr& address) {
  if (address.sa_family == AF_INET) return ReachOf4(Address4(address));
  if (address.sa_family == AF_INET6) return ReachOf6(Address6(address));
  return Reach::kNever;
}

absl::StatusOr<bool> IsOfThisMachine(const sockaddr& address) {
  std::optional<std::uint32_t> four;
  in6_addr six{};
  if (address.sa_family == AF_INET) {
    four = Address4(address);
  } else {
    six = Address6(address);
    four = Meant4(six);
  }
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return absl::UnavailableError("this machine's addresses cannot be told: " + std::string(std::strerror(errno)));
  }
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, ::freeifaddrs);
  for (const ifaddrs* own = first; own != nullptr; own = own->ifa_next) {
    if (own->ifa_addr == nullptr) continue;
    const int family = own->ifa_addr->sa_family;
    if (four && family == AF_INET && Address4(*own->ifa_addr) == *four) return true;
    if (!four && family == AF_INET6) {
      const in6_addr mine = Address6(*own->ifa_addr);
      if (IN6_ARE_ADDR_EQUAL(&mine, &six)) return true;
    }
  }
  return false;
}

}  // namespace greffe
