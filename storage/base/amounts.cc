#include "storage/base/amounts.h"

#include <algorithm>
#include <limits>

namespace greffe {

std::optional<std::int64_t> ParseAmount(std::string_view text, int decimals) {
  constexpr int kMaxDigits = 15;
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  std::int64_t units = 0;
  int digits = 0;
  int behind = -1;  // digits behind the point; below 0: there is no point yet
  for (const char c : text) {
    if (c == '.' && behind < 0 && digits > 0) {
      behind = 0;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > kMaxDigits || behind == decimals) return std::nullopt;
    units = units * 10 + (c - '0');
    if (behind >= 0) ++behind;
  }
  if (digits == 0 || behind == 0) return std::nullopt;
  for (int i = std::max(behind, 0); i < decimals; ++i) {
    if (units > std::numeric_limits<std::int64_t>::max() / 10) return std::nullopt;
    units *= 10;
  }
  return negative ? -units : units;
}

std::string FormatAmount(std::int64_t units, int decimals) {
  const auto bits = static_cast<std::uint64_t>(units);
  std::string text = std::to_string(units < 0 ? 0 - bits : bits);
  const auto places = static_cast<std::size_t>(decimals);
  if (places > 0) {
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, 1, '.');
  }
  return units < 0 ? "-" + text : text;
}

}  // namespace greffe
