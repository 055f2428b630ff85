#include "storage/base/windows_1252.h"

#include <algorithm>
#include <array>

#include "storage/base/utf8.h"

namespace greffe {
namespace {

// What 0x80 to 0x9f stand for; 0: nothing. All other bytes are the code points of the same number.
constexpr std::array<char32_t, 32> kMiddle = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                              0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                              0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                              0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

// All of them are below 0x10000.
void AppendUtf8(char32_t c, std::string& text) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xc0 | (c >> 6));
    text += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    text += static_cast<char>(0xe0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    text += static_cast<char>(0x80 | (c & 0x3f));
  }
}

}  // namespace

std::optional<std::string> FromWindows1252(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char byte : bytes) {
    char32_t c = static_cast<unsigned char>(byte);
    if (c >= 0x80 && c < 0xa0) {
      c = kMiddle[c - 0x80];
      if (c == 0) return std::nullopt;
    }
    AppendUtf8(c, text);
  }
  return text;
}

std::optional<std::string> ToWindows1252(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const std::optional<char32_t> c = TakeCodePoint(text);
    if (!c) return std::nullopt;
    if (*c < 0x80 || (*c >= 0xa0 && *c < 0x100)) {
      bytes += static_cast<char>(*c);
      continue;
    }
    const auto found = std::find(kMiddle.begin(), kMiddle.end(), *c);
    if (found == kMiddle.end()) return std::nullopt;
    bytes += static_cast<char>(0x80 + (found - kMiddle.begin()));
  }
  return bytes;
}

}  // namespace greffe
