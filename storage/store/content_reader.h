// The bytes of a file of a version, read by ranges and held against its SHA-256 on the way.
#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace greffe {

// Not thread-safe.
class ContentReader {
 public:
  virtual ~ContentReader() = default;
  virtual std::int64_t size() const = 0;
  // Bytes of memory that it holds, or will.
  virtual std::int64_t held() const = 0;
  // Exactly `length` bytes from `offset`. OUT_OF_RANGE beyond the end; DATA_LOSS (DATA_DAMAGED) for damage. When the
  // whole content is read in order, the last Read also answers for its SHA-256; a content that is sealed
  // (content_seals.h) answers with every Read.
  virtual absl::Status Read(std::int64_t offset, std::int64_t length, char* buffer) = 0;
};

}  // namespace greffe
