#include "storage/base/number_order.h"

#include "absl/strings/ascii.h"

namespace greffe {

std::string NumberOrderPrefix(std::string_view number) {
  std::string order;
  order.reserve(2 * number.size() + 4);
  for (std::size_t i = 0; i < number.size();) {
    if (!absl::ascii_isdigit(number[i])) {
      order += number[i++];
      continue;
    }
    while (i < number.size() && number[i] == '0') ++i;
    std::size_t end = i;
    while (end < number.size() && absl::ascii_isdigit(number[end])) ++end;
    order += '0';
    order += static_cast<char>(end - i + 1);  // never zero; a number has at most 64 characters
    order += number.substr(i, end - i);
    i = end;
  }
  return order;
}

std::string NumberOrder(std::string_view number) {
  std::string order = NumberOrderPrefix(number);
  order += '\0';
  order += number;
  return order;
}

std::string_view NumberOfOrder(std::string_view number_order) {
  return number_order.substr(number_order.rfind('\0') + 1);
}

}  // namespace greffe
