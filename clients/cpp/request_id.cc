#include "clients/cpp/request_id.h"

#include <random>

namespace greffe::client {

std::string NewRequestId() {
  // The system's generator itself: ids of processes forked from one another must differ.
  thread_local std::random_device source;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string id = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  unsigned bits = 0;
  int left = 0;
  for (char& c : id) {
    if (c != 'x' && c != 'y') continue;
    if (left == 0) {
      bits = source();
      left = 8;
    }
    const unsigned digit = bits & 15U;
    bits >>= 4;
    --left;
    c = kDigits[c == 'x' ? digit : 8U + (digit & 3U)];
  }
  return id;
}

}  // namespace greffe::client
