// State rows of the journal that are no project's, and parts of their keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/journal/journal.h"

namespace greffe {

// An append of such rows.
inline CommitGroup NewServerGroup() {
  CommitGroup group;
  group.repository = "_server";
  return group;
}

// 8 bytes, big-endian: they sort as the numbers do.
inline std::string NumberKey(std::int64_t number) {
  std::string key(8, '\0');
  for (int i = 7; i >= 0; --i) {
    key[static_cast<std::size_t>(i)] = static_cast<char>(number & 0xff);
    number >>= 8;
  }
  return key;
}

// What NumberKey made, of the last 8 bytes of a key.
inline std::int64_t NumberOfKey(std::string_view key) {
  std::int64_t number = 0;
  for (const char byte : key.substr(key.size() < 8 ? 0 : key.size() - 8)) {
    number = (number << 8) | static_cast<unsigned char>(byte);
  }
  return number;
}

}  // namespace greffe
