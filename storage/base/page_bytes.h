// How much a page of a list holds.
#pragma once

#include <cstddef>

namespace greffe {

// A page ends before its items have more bytes than these, but holds one at least: a message, 4 MiB or more, has room
// for what an answer says around them.
inline constexpr std::size_t kPageBytes = std::size_t{3} << 20;

// A page that is being filled.
class PageFill {
 public:
  // At most `limit` items.
  explicit PageFill(int limit) : limit_(limit) {}

  // Whether the next item, of so many bytes, goes on it too.
  bool Takes(std::size_t bytes) {
    if (count_ == limit_ || (count_ > 0 && bytes_ + bytes > kPageBytes)) return false;
    bytes_ += bytes;
    ++count_;
    return true;
  }

 private:
  const int limit_;
  int count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace greffe
