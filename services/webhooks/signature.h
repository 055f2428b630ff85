// Signatures of webhooks, as https://www.standardwebhooks.com (specification 1.0.0) has them.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

// `whsec_` and base64 of 24 bytes that nobody can guess.
std::string NewWebhookSecret();

// The bytes of a secret. INVALID_ARGUMENT (SECRET_INVALID) naming `field`; the value is not repeated.
absl::StatusOr<std::string> WebhookSecretBytes(const std::string& secret, const std::string& field);

// `v1,` and the base64 of the HMAC-SHA256, under the secret's bytes, of `<id>.<timestamp>.<body>`.
std::string SignWebhook(const std::string& secret_bytes, const std::string& id, std::int64_t timestamp,
                        const std::string& body);

}  // namespace greffe
