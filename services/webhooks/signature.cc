#include "services/webhooks/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <string_view>

#include "absl/strings/escaping.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kLeastBytes = 24;
constexpr std::size_t kMostBytes = 64;

}  // namespace

std::string NewWebhookSecret() {
  std::string bytes(kLeastBytes, '\0');
  // Without randomness there are no secrets.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) std::abort();
  return std::string(kSecretPrefix) + absl::Base64Escape(bytes);
}

absl::StatusOr<std::string> WebhookSecretBytes(const std::string& secret, const std::string& field) {
  std::string bytes;
  if (secret.starts_with(kSecretPrefix) && absl::Base64Unescape(secret.substr(kSecretPrefix.size()), &bytes) &&
      bytes.size() >= kLeastBytes && bytes.size() <= kMostBytes) {
    return bytes;
  }
  return InvalidField(field, "SECRET_INVALID", "expected whsec_ and the base64 of 24 to 64 bytes");
}

std::string SignWebhook(const std::string& secret_bytes, const std::string& id, std::int64_t timestamp,
                        const std::string& body) {
  const std::string text = id + "." + std::to_string(timestamp) + "." + body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret_bytes.data(), static_cast<int>(secret_bytes.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return "v1," + absl::Base64Escape(std::string(reinterpret_cast<const char*>(digest), size));
}

}  // namespace greffe
