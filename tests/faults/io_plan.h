// Which call fails, and how: GREFFE_IO_FAULT of io_calls.cc.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace greffe::io {

enum class Kind { kNone, kKill, kTorn, kShort, kEio, kEnospc, kEdquot, kFull };

struct Plan {
  std::string root;
  Kind kind = Kind::kNone;
  long number = 0;
  const char* count_file = nullptr;
  const char* room_file = nullptr;
  const char* spared = nullptr;

  Plan() {
    const char* folder = std::getenv("GREFFE_IO_ROOT");
    root = folder == nullptr ? "" : folder;
    count_file = std::getenv("GREFFE_IO_COUNT");
    room_file = std::getenv("GREFFE_IO_ROOM");
    spared = std::getenv("GREFFE_IO_SPARED");
    const char* fault = std::getenv("GREFFE_IO_FAULT");
    const char* colon = fault == nullptr ? nullptr : std::strchr(fault, ':');
    if (colon == nullptr) return;
    number = std::atol(colon + 1);
    const std::string name(fault, colon);
    constexpr std::array<std::pair<const char*, Kind>, 7> kKinds = {{{"kill", Kind::kKill},
                                                                     {"torn", Kind::kTorn},
                                                                     {"short", Kind::kShort},
                                                                     {"eio", Kind::kEio},
                                                                     {"enospc", Kind::kEnospc},
                                                                     {"edquot", Kind::kEdquot},
                                                                     {"full", Kind::kFull}}};
    for (const auto& [text, value] : kKinds) {
      if (name == text) kind = value;
    }
    if (kind == Kind::kNone || number < 1) std::abort();
  }
};

inline const Plan& ThePlan() {
  static const Plan plan;
  return plan;
}

inline std::atomic<long> calls = 0;

enum class Space { kNeeded, kNotNeeded };
enum class Verdict { kGo, kFail, kHalf, kHalfThenDie };

// Counts a call and says what becomes of it; of one that fails, errno says how.
inline Verdict Judge(Space space, bool can_be_halved = false) {
  const Plan& plan = ThePlan();
  const long number = calls.fetch_add(1) + 1;
  const bool this_one = number == plan.number;
  switch (plan.kind) {
    case Kind::kNone:
      return Verdict::kGo;
    case Kind::kKill:
      if (this_one) ::raise(SIGKILL);
      return Verdict::kGo;
    case Kind::kTorn:
      if (this_one && can_be_halved) return Verdict::kHalfThenDie;
      if (this_one) ::raise(SIGKILL);
      return Verdict::kGo;
    case Kind::kShort:
      return this_one && can_be_halved ? Verdict::kHalf : Verdict::kGo;
    case Kind::kEio:
      if (!this_one) return Verdict::kGo;
      errno = EIO;
      return Verdict::kFail;
    case Kind::kEnospc:
    case Kind::kEdquot:
    case Kind::kFull: {
      const bool hit = plan.kind == Kind::kFull ? number >= plan.number : this_one;
      if (!hit || space == Space::kNotNeeded) return Verdict::kGo;
      if (plan.room_file != nullptr && ::access(plan.room_file, F_OK) == 0) return Verdict::kGo;
      errno = plan.kind == Kind::kEdquot ? EDQUOT : ENOSPC;
      return Verdict::kFail;
    }
  }
  return Verdict::kGo;
}

inline bool Fails(Space space) { return Judge(space) == Verdict::kFail; }

}  // namespace greffe::io
