// Long work for a call ends when nobody waits for its answer any more.
#pragma once

#include <functional>

#include "absl/status/status.h"

namespace greffe {

// CANCELLED when `gone` says that the caller is.
inline absl::Status CheckWanted(const std::function<bool()>& gone) {
  return gone() ? absl::CancelledError("the caller is gone") : absl::OkStatus();
}

}  // namespace greffe
