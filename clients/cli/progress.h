// A bar on the error stream while something long goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "clients/cli/session.h"

namespace greffe::cli {

// Draws itself where the error stream is a terminal, not before half a second has passed, and is gone afterwards.
// Thread-safe only in that one thread may call it at a time.
class Progress {
 public:
  // `total` in bytes, or in `unit`s when that is given; 0: not known.
  Progress(Session& session, std::string label, std::int64_t total, std::string unit = "");
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // So much is done.
  void Update(std::int64_t done);
  void SetTotal(std::int64_t total) { total_ = total; }
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  Session& session_;
  const std::string label_;
  const std::string unit_;
  const Clock::time_point start_ = Clock::now();
  std::int64_t total_;
  Clock::time_point next_;
  bool drawn_ = false;
};

}  // namespace greffe::cli
