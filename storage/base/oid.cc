#include "storage/base/oid.h"

namespace greffe {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

template <std::size_t kBytes, typename Tag>
std::optional<Digest<kBytes, Tag>> Digest<kBytes, Tag>::FromHex(std::string_view hex) {
  if (hex.size() != 2 * kBytes) return std::nullopt;
  Digest digest;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

template <std::size_t kBytes, typename Tag>
std::string Digest<kBytes, Tag>::Hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(2 * kBytes, '\0');
  for (std::size_t i = 0; i < kBytes; ++i) {
    hex[2 * i] = kDigits[bytes[i] >> 4];
    hex[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return hex;
}

template struct Digest<20, struct OidTag>;
template struct Digest<32, struct Sha256Tag>;

}  // namespace greffe
