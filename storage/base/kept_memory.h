// What greffed's allocator does with memory that is freed.
#pragma once

#include <cstddef>

namespace greffe {

// Blocks up to this size are used again when they are freed; from 1 MiB on they go back to the system at once
// (services/server/allocator.cc), and the next one pays a page fault for each 4 KiB.
inline constexpr std::size_t kKeptBlockBytes = std::size_t{512} << 10;

}  // namespace greffe
