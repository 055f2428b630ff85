// Stock ssh-keygen, which has the caller's key or asks the agent for it; this program never sees a private key.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace greffe::cli {

// The armored signature of `text` made for `name_space` by the key in `key_file` (a `.pub` file: by the agent).
// FAILED_PRECONDITION (LOCAL_SSH_KEYGEN_MISSING, LOCAL_SSH_KEYGEN_FAILED); what it says itself, and its questions for a
// passphrase, go to the terminal.
absl::StatusOr<std::string> SignWithSshKeygen(const std::string& key_file, const std::string& name_space,
                                              const std::string& text);

}  // namespace greffe::cli
