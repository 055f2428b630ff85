#include "storage/base/ssh_signature.h"

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::string_view kKeyType = "ssh-ed25519";
constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kArmorColumns = 70;

// RFC 4251, section 5: numbers big-endian, strings after their length.
void AppendUint32(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

void AppendString(std::string& out, std::string_view text) {
  AppendUint32(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Takes such values off the front of `rest`; false when they are not whole.
bool TakeUint32(std::string_view& rest, std::uint32_t& number) {
  if (rest.size() < 4) return false;
  number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(rest[i]);
  rest.remove_prefix(4);
  return true;
}

bool TakeString(std::string_view& rest, std::string_view& text) {
  std::uint32_t size = 0;
  if (!TakeUint32(rest, size) || size > rest.size()) return false;
  text = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

// `kKeyType` and one value of that many bytes, and nothing else.
bool TakeTyped(std::string_view blob, std::size_t size, std::string& value) {
  std::string_view type;
  std::string_view bytes;
  if (!TakeString(blob, type) || !TakeString(blob, bytes) || !blob.empty()) return false;
  if (type != kKeyType || bytes.size() != size) return false;
  value = std::string(bytes);
  return true;
}

std::string Typed(std::string_view value) {
  std::string blob;
  AppendString(blob, kKeyType);
  AppendString(blob, value);
  return blob;
}

absl::Status Invalid(const std::string& field, const std::string& finding) {
  return InvalidField(field, "SIGNATURE_INVALID", finding);
}

// What stands between the lines of an armor; nullopt when they are not there.
std::optional<std::string> Unarmored(std::string_view text) {
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + kBegin.size()) {
    return std::nullopt;
  }
  std::string base64(text.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  std::string blob;
  if (!absl::Base64Unescape(base64, &blob)) return std::nullopt;
  return blob;
}

const EVP_MD* DigestNamed(std::string_view name) { return name == "sha256" ? EVP_sha256() : EVP_sha512(); }

std::string DigestOf(std::string_view algorithm, std::string_view message) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(message.data(), message.size(), digest, &size, DigestNamed(algorithm), nullptr);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace

absl::StatusOr<std::string> ParseSshPublicKey(std::string_view line, const std::string& field) {
  const auto invalid = [&](const std::string& finding) { return InvalidField(field, "SIGNING_KEY_INVALID", finding); };
  if (line.size() > kMaxSshKeyBytes) return invalid("a key's line has at most 1,024 bytes");
  const std::string text(absl::StripAsciiWhitespace(std::string(line)));
  const std::string start = std::string(kKeyType) + " ";
  if (!text.starts_with(start)) {
    return invalid("'" + PrintableUtf8(text.substr(0, 100)) + "': expected ssh-ed25519 and the key in base64");
  }
  std::string base64 = text.substr(start.size());
  base64 = base64.substr(0, base64.find_first_of(" \t\r\n"));
  std::string blob;
  std::string key;
  if (!absl::Base64Unescape(base64, &blob) || !TakeTyped(blob, kKeyBytes, key)) {
    return invalid("'" + PrintableUtf8(base64) + "': is no ed25519 key");
  }
  return key;
}

std::string FormatSshPublicKey(std::string_view key) {
  return std::string(kKeyType) + " " + absl::Base64Escape(Typed(key));
}

absl::StatusOr<SshSignature> ParseSshSignature(std::string_view text, const std::string& field) {
  if (text.size() > kMaxSshSignatureBytes) return Invalid(field, "a signature has at most 4,096 bytes");
  std::string blob(text);
  if (!text.starts_with(kMagic)) {
    const std::optional<std::string> unarmored = Unarmored(text);
    if (!unarmored) return Invalid(field, "expected an SSH signature, armored or binary");
    blob = *unarmored;
  }
  std::string_view rest = blob;
  if (!rest.starts_with(kMagic)) return Invalid(field, "an SSH signature begins with SSHSIG");
  rest.remove_prefix(kMagic.size());
  std::uint32_t version = 0;
  if (!TakeUint32(rest, version) || version != kVersion) return Invalid(field, "expected version 1 of SSH signatures");
  std::string_view key;
  std::string_view name_space;
  std::string_view reserved;
  std::string_view hash_algorithm;
  std::string_view typed;
  if (!TakeString(rest, key) || !TakeString(rest, name_space) || !TakeString(rest, reserved) ||
      !TakeString(rest, hash_algorithm) || !TakeString(rest, typed) || !rest.empty()) {
    return Invalid(field, "the SSH signature is cut off, or has something after its end");
  }
  SshSignature signature;
  if (!TakeTyped(key, kKeyBytes, signature.public_key) || !TakeTyped(typed, kSignatureBytes, signature.signature)) {
    return Invalid(field, "expected a signature by an ed25519 key");
  }
  if (!reserved.empty()) return Invalid(field, "the reserved part of the SSH signature is not empty");
  if (hash_algorithm != "sha256" && hash_algorithm != "sha512") {
    return Invalid(field, "'" + PrintableUtf8(hash_algorithm.substr(0, 40)) + "': expected hash sha256 or sha512");
  }
  signature.name_space = std::string(name_space);
  signature.hash_algorithm = std::string(hash_algorithm);
  return signature;
}

std::string ArmorSshSignature(const SshSignature& signature) {
  std::string blob(kMagic);
  AppendUint32(blob, kVersion);
  AppendString(blob, Typed(signature.public_key));
  AppendString(blob, signature.name_space);
  AppendString(blob, "");
  AppendString(blob, signature.hash_algorithm);
  AppendString(blob, Typed(signature.signature));
  const std::string base64 = absl::Base64Escape(blob);
  std::string text(kBegin);
  text += '\n';
  for (std::size_t at = 0; at < base64.size(); at += kArmorColumns) text += base64.substr(at, kArmorColumns) + "\n";
  text += kEnd;
  text += '\n';
  return text;
}

absl::Status VerifySshSignature(const SshSignature& signature, std::string_view name_space, std::string_view message,
                                const std::string& field) {
  if (signature.name_space != name_space) {
    return Invalid(field, "it was made for '" + PrintableUtf8(signature.name_space.substr(0, 100)) + "', not for '" +
                              std::string(name_space) + "'");
  }
  std::string signed_bytes(kMagic);
  AppendString(signed_bytes, signature.name_space);
  AppendString(signed_bytes, "");
  AppendString(signed_bytes, signature.hash_algorithm);
  AppendString(signed_bytes, DigestOf(signature.hash_algorithm, message));
  const auto bytes = [](const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(signature.public_key), signature.public_key.size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const bool holds = key != nullptr && context != nullptr &&
                     EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                     EVP_DigestVerify(context.get(), bytes(signature.signature), signature.signature.size(),
                                      bytes(signed_bytes), signed_bytes.size()) == 1;
  if (!holds) return Invalid(field, "it is not the key's signature of the statement");
  return absl::OkStatus();
}

}  // namespace greffe
