// The keys by which clients sign decisions: one a principal, the same in every run.
#pragma once

#include <string>

namespace greffe::model {

// `ssh-ed25519 <base64>`.
std::string PublicKeyOf(const std::string& principal);
// As `ssh-keygen -Y sign -n greffe-review` writes it. The same text has the same signature.
std::string SignatureBy(const std::string& principal, const std::string& text);
bool IsArmored(const std::string& signature);
// Whether the principal's key is in an armored signature, of whatever text.
bool HasKeyOf(const std::string& signature, const std::string& principal);

}  // namespace greffe::model
