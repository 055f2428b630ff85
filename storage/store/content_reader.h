// The bytes of a file of a version, read by ranges and held against its SHA-256 on the way.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

// Not thread-safe.
class ContentReader {
 public:
  virtual ~ContentReader() = default;
  virtual std::int64_t size() const = 0;
  // Bytes of memory that it holds, or will.
  virtual std::int64_t held() const = 0;
  // Holds the whole content against its SHA-256 where that was not done since the start, for who will not read all of
  // it in order. Reads some `most` bytes at most; false: there are more, and it is to be called again.
  virtual absl::StatusOr<bool> Verify(std::int64_t most) = 0;
  // Exactly `length` bytes from `offset`. OUT_OF_RANGE beyond the end; DATA_LOSS (DATA_DAMAGED) for damage. As long as
  // the content is read in order from its beginning, the last Read answers for its SHA-256. Any other Read verifies it
  // first, and answers for what it reads, as each does of a content that is sealed (content_seals.h).
  virtual absl::Status Read(std::int64_t offset, std::int64_t length, char* buffer) = 0;
};

}  // namespace greffe
