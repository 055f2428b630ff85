// Text that a message's string field takes.
#pragma once

#include <string>

namespace greffe::client {

// The text with each byte that is not UTF-8 replaced by U+FFFD.
std::string ValidUtf8(const std::string& text);

}  // namespace greffe::client
