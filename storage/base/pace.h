// How fast something long may read.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"

namespace greffe {

// Called after so many bytes were read: returns when reading may go on, CANCELLED when it must end. No lock is held.
using Pace = std::function<absl::Status(std::int64_t bytes)>;

inline absl::Status FullSpeed(std::int64_t) { return absl::OkStatus(); }

}  // namespace greffe
