#include "storage/base/signing_keys.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/ssh_signature.h"

namespace greffe {
namespace {

constexpr int kMaxSigningKeys = 500;

}  // namespace

void NormalizeSigningKeys(v1::Project& project) {
  for (v1::SigningKey& entry : *project.mutable_signing_keys()) {
    const auto key = ParseSshPublicKey(entry.public_key(), "");
    if (key.ok()) entry.set_public_key(FormatSshPublicKey(*key));
  }
}

absl::Status ValidateSigningKeys(const v1::Project& project, const std::string& field) {
  if (project.signing_keys_size() > kMaxSigningKeys) {
    return InvalidField(field + ".signing_keys", "FIELD_INVALID",
                        absl::StrCat(project.signing_keys_size(), " of them; at most 500 are allowed"));
  }
  std::set<std::string> keys;
  for (int i = 0; i < project.signing_keys_size(); ++i) {
    const v1::SigningKey& entry = project.signing_keys(i);
    const std::string place = absl::StrCat(field, ".signing_keys[", i, "]");
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(entry.principal(), place + ".principal"));
    GREFFE_ASSIGN_OR_RETURN(const std::string key, ParseSshPublicKey(entry.public_key(), place + ".public_key"));
    // One key stands for one principal: a signature says who signed.
    if (!keys.insert(key).second) {
      return InvalidField(place + ".public_key", "FIELD_INVALID", "'" + entry.public_key() + "': is there twice");
    }
  }
  return absl::OkStatus();
}

bool HasSigningKey(const v1::Project& project, std::string_view principal, std::string_view key) {
  const std::string line = FormatSshPublicKey(key);
  for (const v1::SigningKey& entry : project.signing_keys()) {
    if (entry.principal() == principal && entry.public_key() == line) return true;
  }
  return false;
}

}  // namespace greffe
