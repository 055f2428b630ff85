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

// With exactly `decimals` behind the point.
std::string FormatAmount(std::int64_t units, int decimals);

}  // namespace greffe
