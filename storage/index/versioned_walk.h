// Walks over versioned rows: of each key the newest row at or before a moment, and no other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/index/index.h"

namespace greffe {

// Gets the key without its sequence, and the value; false ends the walk.
using VisitRow = std::function<absl::StatusOr<bool>(std::string_view key, std::string_view value)>;

class VersionedWalk {
 public:
  VersionedWalk(const Index& index, std::int64_t sequence) : index_(index), sequence_(sequence) {}

  // Keys that begin with `prefix`, from `prefix + from` on, up to and without `prefix + until` ("": to the end).
  absl::Status Forwards(const std::string& prefix, const std::string& from, const std::string& until,
                        const VisitRow& visit) const;
  // The same keys from the last to the first: those before `prefix + before` ("": all), down to `prefix + from`.
  absl::Status Backwards(const std::string& prefix, const std::string& from, const std::string& before,
                         const VisitRow& visit) const;

 private:
  const Index& index_;
  const std::int64_t sequence_;
};

}  // namespace greffe
