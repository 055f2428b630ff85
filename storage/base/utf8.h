// UTF-8, strictly (RFC 3629).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace greffe {

// Cuts the first character off `text`, which is not empty; nullopt when it does not begin with one (overlong forms and
// surrogates are none).
std::optional<char32_t> TakeCodePoint(std::string_view& text);

bool IsUtf8(std::string_view text);

// For messages: what is not UTF-8, or a control character, becomes U+FFFD.
std::string PrintableUtf8(std::string_view text);

}  // namespace greffe
