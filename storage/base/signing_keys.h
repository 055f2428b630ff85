// The keys that a project has for those who sign (Project.signing_keys).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "greffe/v1/projects.pb.h"

namespace greffe {

// Writes keys without what `.pub` files have after them. Keys that are none stay, for ValidateSigningKeys to find.
void NormalizeSigningKeys(v1::Project& project);

// INVALID_ARGUMENT (SIGNING_KEY_INVALID, FIELD_INVALID) naming the field below `field`.
absl::Status ValidateSigningKeys(const v1::Project& project, const std::string& field);

// Whether `principal` has that key, 32 bytes.
bool HasSigningKey(const v1::Project& project, std::string_view principal, std::string_view key);

}  // namespace greffe
