// The currencies of ISO 4217 (list one, active codes of money; amendment 177).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace greffe {

// How many decimals amounts of the currency have; nullopt: there is no such currency.
std::optional<int> CurrencyDecimals(std::string_view code);

// INVALID_ARGUMENT (CURRENCY_UNKNOWN) naming `field` and the value.
absl::Status NoCurrency(std::string_view code, const std::string& field);

}  // namespace greffe
