#include "storage/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace greffe {

std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    text.remove_prefix(1);
    return first;
  }
  std::size_t length = 0;
  char32_t minimum = 0;
  char32_t c = 0;
  if (first >= 0xc2 && first < 0xe0) {
    length = 2, minimum = 0x80, c = first & 0x1f;
  } else if (first >= 0xe0 && first < 0xf0) {
    length = 3, minimum = 0x800, c = first & 0x0f;
  } else if (first >= 0xf0 && first < 0xf5) {
    length = 4, minimum = 0x10000, c = first & 0x07;
  } else {
    return std::nullopt;
  }
  if (text.size() < length) return std::nullopt;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    c = c << 6 | (byte(i) & 0x3f);
  }
  if (c < minimum || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return std::nullopt;
  text.remove_prefix(length);
  return c;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    // Most texts are ASCII for the most part.
    std::uint64_t block = 0;
    while (text.size() >= sizeof block) {
      std::memcpy(&block, text.data(), sizeof block);
      if ((block & 0x8080808080808080) != 0) break;
      text.remove_prefix(sizeof block);
    }
    if (!text.empty() && !TakeCodePoint(text)) return false;
  }
  return true;
}

std::string PrintableUtf8(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> c = TakeCodePoint(text);
    if (!c) text.remove_prefix(1);
    if (!c || *c < 0x20 || (*c >= 0x7f && *c < 0xa0)) {
      printable += "\xef\xbf\xbd";
    } else {
      printable += before.substr(0, before.size() - text.size());
    }
  }
  return printable;
}

}  // namespace greffe
