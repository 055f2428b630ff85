// What this process has read and written so far, by its system calls.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace greffe {

// `what`: "rchar" or "wchar", as proc(5) has them.
inline std::int64_t BytesOfProcess(const std::string& what) {
  std::ifstream counts("/proc/self/io");
  std::string name;
  for (std::int64_t value = 0; counts >> name >> value;) {
    if (name == what + ":") return value;
  }
  return 0;
}

}  // namespace greffe
