#include "tests/model/signer.h"

#include <openssl/evp.h>

#include <cstdint>
#include <memory>

#include "absl/strings/escaping.h"

namespace greffe::model {
namespace {

constexpr char kBeginOfArmor[] = "-----BEGIN SSH SIGNATURE-----\n";
constexpr std::size_t kColumns = 70;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key KeyOf(const std::string& principal) {
  std::string seed = principal;
  seed.resize(32, '.');
  const auto* bytes = reinterpret_cast<const unsigned char*>(seed.data());
  return {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes, seed.size()), EVP_PKEY_free};
}

// RFC 4251, section 5: after its length.
std::string Sized(const std::string& text) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(text.size() >> shift & 0xff);
  return bytes + text;
}

std::string KeyBlob(const std::string& principal) {
  std::string raw(32, '\0');
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(KeyOf(principal).get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
  return Sized("ssh-ed25519") + Sized(raw);
}

std::string Sha512Of(const std::string& text) {
  std::string digest(64, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha512(), nullptr);
  return digest;
}

std::string RawSignature(const std::string& principal, const std::string& message) {
  const Key key = KeyOf(principal);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(message.data()), message.size());
  return signature;
}

}  // namespace

std::string PublicKeyOf(const std::string& principal) {
  return "ssh-ed25519 " + absl::Base64Escape(KeyBlob(principal));
}

std::string SignatureBy(const std::string& principal, const std::string& text) {
  // OpenSSH's PROTOCOL.sshsig.
  const std::string about = Sized("greffe-review") + Sized("") + Sized("sha512");
  const std::string raw = RawSignature(principal, "SSHSIG" + about + Sized(Sha512Of(text)));
  const std::string version("\0\0\0\1", 4);
  const std::string base64 = absl::Base64Escape("SSHSIG" + version + Sized(KeyBlob(principal)) + about +
                                                Sized(Sized("ssh-ed25519") + Sized(raw)));
  std::string armor = kBeginOfArmor;
  for (std::size_t at = 0; at < base64.size(); at += kColumns) armor += base64.substr(at, kColumns) + "\n";
  return armor + "-----END SSH SIGNATURE-----\n";
}

bool IsArmored(const std::string& signature) { return signature.starts_with(kBeginOfArmor); }

bool HasKeyOf(const std::string& signature, const std::string& principal) {
  // The key ends in the second line, and what follows is in all of them.
  constexpr std::size_t kToTheKeysEnd = sizeof kBeginOfArmor - 1 + kColumns + 1 + 17;
  return signature.substr(0, kToTheKeysEnd) == SignatureBy(principal, "").substr(0, kToTheKeysEnd);
}

}  // namespace greffe::model
