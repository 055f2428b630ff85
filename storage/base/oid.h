// Content hashes as types: a git object id and a SHA-256 digest.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace greffe {

// A fixed number of bytes that a hash function gave, written as lower-case hexadecimal digits. All zero stands for
// "none".
template <std::size_t kBytes, typename Tag>
struct Digest {
  static constexpr std::size_t kSize = kBytes;
  std::array<std::uint8_t, kBytes> bytes{};

  // nullopt unless `hex` is exactly 2 x kSize hexadecimal digits.
  static std::optional<Digest> FromHex(std::string_view hex);
  // nullopt unless `raw` is exactly kSize bytes.
  static std::optional<Digest> FromRaw(std::string_view raw) {
    if (raw.size() != kBytes) return std::nullopt;
    Digest digest;
    std::memcpy(digest.bytes.data(), raw.data(), kBytes);
    return digest;
  }

  std::string Hex() const;
  std::string_view Raw() const { return {reinterpret_cast<const char*>(bytes.data()), kBytes}; }
  bool IsZero() const { return *this == Digest{}; }

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// A git object id: SHA-1 over `<type> <size>\0<content>`.
using Oid = Digest<20, struct OidTag>;
// SHA-256 of a content.
using Sha256 = Digest<32, struct Sha256Tag>;

extern template struct Digest<20, struct OidTag>;
extern template struct Digest<32, struct Sha256Tag>;

}  // namespace greffe

template <>
struct std::hash<greffe::Oid> {
  std::size_t operator()(const greffe::Oid& oid) const noexcept {
    std::size_t value;
    std::memcpy(&value, oid.bytes.data(), sizeof value);
    return value;
  }
};
