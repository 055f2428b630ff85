// SSH signatures of files (OpenSSH's PROTOCOL.sshsig) by ed25519 keys: what `ssh-keygen -Y sign` writes and
// `ssh-keygen -Y verify` reads. Everything parsed is bounded, and one key or signature has one form here.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

inline constexpr std::size_t kMaxSshKeyBytes = 1024;
inline constexpr std::size_t kMaxSshSignatureBytes = 4096;

// The 32 bytes of an ed25519 key out of the line of a `.pub` file, `ssh-ed25519 <base64> <comment>`; options in front,
// as authorized_keys may have them, are refused. INVALID_ARGUMENT (SIGNING_KEY_INVALID) naming `field`.
absl::StatusOr<std::string> ParseSshPublicKey(std::string_view line, const std::string& field);
// `ssh-ed25519 <base64>`.
std::string FormatSshPublicKey(std::string_view key);

struct SshSignature {
  std::string public_key;      // 32 bytes
  std::string name_space;      // what it was made for
  std::string hash_algorithm;  // "sha256" or "sha512"
  std::string signature;       // 64 bytes
};

// Armored or binary, up to kMaxSshSignatureBytes. INVALID_ARGUMENT (SIGNATURE_INVALID) naming `field`, for anything
// but a signature of version 1 by an ed25519 key.
absl::StatusOr<SshSignature> ParseSshSignature(std::string_view text, const std::string& field);
// As ssh-keygen writes it.
std::string ArmorSshSignature(const SshSignature& signature);

// Whether it is the key's signature of `message`, made for `name_space`. INVALID_ARGUMENT (SIGNATURE_INVALID) naming
// `field`.
absl::Status VerifySshSignature(const SshSignature& signature, std::string_view name_space, std::string_view message,
                                const std::string& field);

}  // namespace greffe
