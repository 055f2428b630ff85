#include "clients/cpp/checksums.h"

#include <isa-l/crc.h>
#include <openssl/evp.h>

#include <algorithm>

namespace greffe::client {

struct Sha256::Context {
  EVP_MD_CTX* const digest = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(digest); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr); }

Sha256::~Sha256() = default;

void Sha256::Update(std::string_view data) { EVP_DigestUpdate(context_->digest, data.data(), data.size()); }

std::string Sha256::Finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_->digest, digest, &size);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

std::string Sha256Of(std::string_view data) {
  Sha256 hash;
  hash.Update(data);
  return hash.Finish();
}

std::uint32_t Crc32c(std::string_view data) {
  // ISA-L takes an int for the length, does not invert, and only reads although its buffer is not const.
  std::uint32_t crc = 0xffffffffU;
  while (!data.empty()) {
    const std::size_t piece = std::min<std::size_t>(data.size(), 1U << 30);
    crc = crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<char*>(data.data())), static_cast<int>(piece), crc);
    data.remove_prefix(piece);
  }
  return crc ^ 0xffffffffU;
}

}  // namespace greffe::client
