// Mistakes that can be switched on in a build with GREFFE_FAULT_SWITCHES, to see that the tests find each of them
// (tests/faults/switched_faults.py lists them). In any other build they are not there.
#pragma once

#include <cstdlib>
#include <string_view>

namespace greffe {

#ifdef GREFFE_FAULT_SWITCHES
// Whether the environment's GREFFE_FAULT names this one.
inline bool FaultIsOn(std::string_view name) {
  static const char* const on = std::getenv("GREFFE_FAULT");
  return on != nullptr && name == on;
}
#else
constexpr bool FaultIsOn(std::string_view) { return false; }
#endif

}  // namespace greffe
