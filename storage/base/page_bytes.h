// How much a page of a list holds.
#pragma once

#include <cstddef>

namespace greffe {

// A page ends before its items have more bytes than these, but holds one at least: a message, 4 MiB or more, has room
// for what an answer says around them.
inline constexpr std::size_t kPageBytes = std::size_t{3} << 20;

}  // namespace greffe
