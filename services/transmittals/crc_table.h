// CRCs of contents that packages were made of, so that who asks again for a package gets further than the time before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace greffe {

// By SHA-256, which says what the bytes are. Holds the newest 50,000 or so: some MiB. Thread-safe.
class CrcTable {
 public:
  explicit CrcTable(std::size_t most = 50'000) : most_(most) {}

  std::optional<std::uint32_t> Find(const std::string& sha256) const;
  void Keep(const std::string& sha256, std::uint32_t crc);

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, std::uint32_t> crcs_;
  std::deque<std::string> order_;  // the oldest first
};

}  // namespace greffe
