// Amounts of money as decimal text, `-1250.50`, and as whole numbers of the currency's smallest unit, by which they are
// added up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace greffe {

// At most 15 digits, and at most `decimals` (0 to 4) behind a point; nullopt: it is none, or has more of the smallest
// unit than 64 bits hold. "" is 0.
std::optional<std::int64_t> ParseAmount(std::string_view text, int decimals);

// What an entry may say: 15 digits of the smallest unit, so that thousands of the largest amounts add up.
inline constexpr std::int64_t kMaxAmount = 999'999'999'999'999;

// Sums of amounts from before that bound may not fit: they wrap, so that what is taken away again leaves no trace.
inline std::int64_t AddUnits(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t SubtractUnits(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

// Whether an amount, formatted or "", is nothing.
inline bool IsZeroAmount(std::string_view amount) {
  return amount.find_first_of("123456789") == std::string_view::npos;
}

// With exactly `decimals` behind the point.
std::string FormatAmount(std::int64_t units, int decimals);

}  // namespace greffe
