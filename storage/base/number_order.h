// Document numbers in the order that people expect: runs of digits compare as numbers, SPC-9 before SPC-10.
#pragma once

#include <string>
#include <string_view>

namespace greffe {

// Byte strings that sort so. Ends with a zero byte and the number itself, so that SPC-7 and SPC-007 differ.
std::string NumberOrder(std::string_view number);

// What the orders of all numbers that begin with `text` begin with, when what follows `text` does not go on with its
// last digits. Not of those alone: leading zeros make no difference.
std::string NumberOrderPrefix(std::string_view text);

// The number at the end of such a string.
std::string_view NumberOfOrder(std::string_view number_order);

}  // namespace greffe
