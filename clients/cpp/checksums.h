// Checksums of contents.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace greffe::client {

// CRC32C (Castagnoli, RFC 3720).
std::uint32_t Crc32c(std::string_view data);

// SHA-256 of bytes that arrive in pieces. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(std::string_view data);

  // 64 lower-case hexadecimal digits. Once.
  std::string Finish();

 private:
  struct Context;
  const std::unique_ptr<Context> context_;
};

std::string Sha256Of(std::string_view data);

}  // namespace greffe::client
