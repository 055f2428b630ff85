// Time, so that tests can set it.
#pragma once

#include <chrono>
#include <cstdint>

#include "google/protobuf/timestamp.pb.h"

namespace greffe {

// Microseconds since 1970-01-01T00:00:00Z.
using Micros = std::int64_t;

inline constexpr Micros kMicrosPerDay = Micros{24} * 3600 * 1'000'000;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Micros Now() const = 0;
  // Microseconds since some moment, whatever the time is set to.
  virtual Micros Steady() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

class SystemClock final : public Clock {
 public:
  Micros Now() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

inline google::protobuf::Timestamp ToTimestamp(Micros micros) {
  google::protobuf::Timestamp timestamp;
  std::int64_t seconds = micros / 1'000'000;
  std::int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<std::int32_t>(rest * 1000));
  return timestamp;
}

// Whether it is a time as google.protobuf.Timestamp defines it: years 1 to 9999, nanoseconds below a second.
inline bool IsTimestamp(const google::protobuf::Timestamp& timestamp) {
  return timestamp.seconds() >= -62'135'596'800 && timestamp.seconds() <= 253'402'300'799 && timestamp.nanos() >= 0 &&
         timestamp.nanos() <= 999'999'999;
}

// Of a valid one.
inline Micros ToMicros(const google::protobuf::Timestamp& timestamp) {
  return timestamp.seconds() * 1'000'000 + timestamp.nanos() / 1000;
}

}  // namespace greffe
