#include "clients/cpp/utf8.h"

#include <utf8proc.h>

namespace greffe::client {

std::string ValidUtf8(const std::string& text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t code_point = -1;
    const utf8proc_ssize_t length =
        utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &code_point);
    if (length < 1) {
      result += "\xef\xbf\xbd";
      ++i;
      continue;
    }
    result.append(text, i, static_cast<std::size_t>(length));
    i += static_cast<std::size_t>(length);
  }
  return result;
}

}  // namespace greffe::client
