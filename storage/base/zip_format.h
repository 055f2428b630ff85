// Zip files whose contents are stored as they are (APPNOTE 6.3, method 0), so that their layout is known before any
// content is read. Above 4 GiB the 64-bit forms are used, and only then.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/clock.h"

namespace greffe {

struct ZipEntry {
  std::string name;  // UTF-8, with '/'
  std::int64_t size = 0;
  std::int64_t offset = 0;  // of its header in the file
  std::uint32_t crc32 = 0;
};

// CRC-32 (the one of zip and gzip) of bytes that follow those of `crc`; of nothing it is 0.
std::uint32_t ExtendCrc32(std::uint32_t crc, std::string_view data);

// What stands before the entry's content. Its length does not depend on the CRC.
std::string ZipHeader(const ZipEntry& entry, Micros time);

// What stands after all contents, at `offset`. Its length does not depend on the CRCs.
std::string ZipDirectory(const std::vector<ZipEntry>& entries, Micros time, std::int64_t offset);

}  // namespace greffe
