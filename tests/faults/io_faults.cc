// A library for LD_PRELOAD that stands between a program and the C library's calls which change files below a folder,
// counts them over all threads, and lets the one of a given number fail. Reading is left alone: it changes nothing that
// a later start could see.
//
//   GREFFE_IO_ROOT   the folder, absolute
//   GREFFE_IO_FAULT  kind:number, numbers from 1 on; without it, calls are only counted. Kinds:
//                      kill    the process is killed instead of the call
//                      torn    half of what a write brings is written, then the process is killed
//                      short   a write writes half; the rest is the caller's to write
//                      eio     the call fails with EIO
//                      enospc  the call fails with ENOSPC, this once
//                      full    from this call on, all that need space fail with ENOSPC
//   GREFFE_IO_COUNT  file that gets the number of calls when the program ends by itself
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

enum class Kind { kNone, kKill, kTorn, kShort, kEio, kEnospc, kFull };

struct Plan {
  std::string root;
  Kind kind = Kind::kNone;
  long number = 0;
  const char* count_file = nullptr;

  Plan() {
    const char* folder = std::getenv("GREFFE_IO_ROOT");
    root = folder == nullptr ? "" : folder;
    count_file = std::getenv("GREFFE_IO_COUNT");
    const char* fault = std::getenv("GREFFE_IO_FAULT");
    const char* colon = fault == nullptr ? nullptr : std::strchr(fault, ':');
    if (colon == nullptr) return;
    number = std::atol(colon + 1);
    const std::string name(fault, colon);
    constexpr std::array<std::pair<const char*, Kind>, 6> kKinds = {{{"kill", Kind::kKill},
                                                                     {"torn", Kind::kTorn},
                                                                     {"short", Kind::kShort},
                                                                     {"eio", Kind::kEio},
                                                                     {"enospc", Kind::kEnospc},
                                                                     {"full", Kind::kFull}}};
    for (const auto& [text, value] : kKinds) {
      if (name == text) kind = value;
    }
    if (kind == Kind::kNone || number < 1) std::abort();
  }
};

const Plan& ThePlan() {
  static const Plan plan;
  return plan;
}

std::atomic<long> calls = 0;
std::array<std::atomic<bool>, 1 << 16> watched;  // by file descriptor

bool IsBelow(const char* path) {
  const std::string& root = ThePlan().root;
  return path != nullptr && !root.empty() && std::strncmp(path, root.c_str(), root.size()) == 0;
}
bool IsWatched(int fd) { return fd >= 0 && fd < static_cast<int>(watched.size()) && watched[fd]; }

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

enum class Space { kNeeded, kNotNeeded };

// Counts a call; what is to become of it. -1: it fails, errno says how.
enum class Verdict { kGo, kFail, kHalf, kHalfThenDie };
Verdict Judge(Space space, bool can_be_halved = false) {
  const Plan& plan = ThePlan();
  const long number = calls.fetch_add(1) + 1;
  if (plan.kind == Kind::kFull && number >= plan.number && space == Space::kNeeded) {
    errno = ENOSPC;
    return Verdict::kFail;
  }
  if (number != plan.number) return Verdict::kGo;
  switch (plan.kind) {
    case Kind::kKill:
      ::raise(SIGKILL);
      return Verdict::kGo;
    case Kind::kTorn:
      if (can_be_halved) return Verdict::kHalfThenDie;
      ::raise(SIGKILL);
      return Verdict::kGo;
    case Kind::kShort:
      return can_be_halved ? Verdict::kHalf : Verdict::kGo;
    case Kind::kEio:
      errno = EIO;
      return Verdict::kFail;
    case Kind::kEnospc:
      if (space == Space::kNotNeeded) return Verdict::kGo;
      errno = ENOSPC;
      return Verdict::kFail;
    default:
      return Verdict::kGo;
  }
}

bool Fails(Space space) { return Judge(space) == Verdict::kFail; }

// `write(bytes)` writes that many from the beginning.
template <typename Write>
ssize_t Written(int fd, std::size_t size, const Write& write) {
  if (!IsWatched(fd)) return write(size);
  switch (Judge(Space::kNeeded, size > 1)) {
    case Verdict::kFail:
      return -1;
    case Verdict::kHalf:
      return write(size / 2);
    case Verdict::kHalfThenDie:
      write(size / 2);
      ::raise(SIGKILL);
      return -1;
    case Verdict::kGo:
      break;
  }
  return write(size);
}

// Opening a file is a change when it makes or empties one.
template <typename Open>
int Opened(const char* path, bool below, int flags, const Open& open) {
  struct stat status {};
  const bool changes = (flags & O_TRUNC) != 0 || ((flags & O_CREAT) != 0 && ::stat(path, &status) != 0);
  if (below && changes && Fails(Space::kNeeded)) return -1;
  const int fd = open();
  if (fd >= 0 && fd < static_cast<int>(watched.size())) watched[fd] = below;
  return fd;
}

__attribute__((destructor)) void TellCount() {
  if (ThePlan().count_file == nullptr) return;
  if (std::FILE* file = std::fopen(ThePlan().count_file, "w")) {
    std::fprintf(file, "%ld\n", calls.load());
    std::fclose(file);
  }
}

}  // namespace

extern "C" {

#define GREFFE_OPEN(name)                                                               \
  int name(const char* path, int flags, ...) {                                          \
    va_list rest;                                                                       \
    va_start(rest, flags);                                                              \
    const mode_t mode = va_arg(rest, mode_t);                                           \
    va_end(rest);                                                                       \
    static auto* const real = Real<int(const char*, int, ...)>(#name);                  \
    return Opened(path, IsBelow(path), flags, [&] { return real(path, flags, mode); }); \
  }
GREFFE_OPEN(open)
GREFFE_OPEN(open64)

#define GREFFE_OPEN_2(name)                                                       \
  int name(const char* path, int flags) {                                         \
    static auto* const real = Real<int(const char*, int)>(#name);                 \
    return Opened(path, IsBelow(path), flags, [&] { return real(path, flags); }); \
  }
GREFFE_OPEN_2(__open_2)
GREFFE_OPEN_2(__open64_2)

#define GREFFE_OPENAT(name)                                                                                          \
  int name(int folder, const char* path, int flags, ...) {                                                           \
    va_list rest;                                                                                                    \
    va_start(rest, flags);                                                                                           \
    const mode_t mode = va_arg(rest, mode_t);                                                                        \
    va_end(rest);                                                                                                    \
    static auto* const real = Real<int(int, const char*, int, ...)>(#name);                                          \
    return Opened(path, IsBelow(path) || IsWatched(folder), flags, [&] { return real(folder, path, flags, mode); }); \
  }
GREFFE_OPENAT(openat)
GREFFE_OPENAT(openat64)

#define GREFFE_MKOSTEMP(name)                                                                          \
  int name(char* pattern, int flags) {                                                                 \
    static auto* const real = Real<int(char*, int)>(#name);                                            \
    return Opened(pattern, IsBelow(pattern), O_CREAT | O_TRUNC, [&] { return real(pattern, flags); }); \
  }
GREFFE_MKOSTEMP(mkostemp)
GREFFE_MKOSTEMP(mkostemp64)

int close(int fd) {
  static auto* const real = Real<int(int)>("close");
  if (fd >= 0 && fd < static_cast<int>(watched.size())) watched[fd] = false;
  return real(fd);
}

ssize_t write(int fd, const void* data, size_t size) {
  static auto* const real = Real<ssize_t(int, const void*, size_t)>("write");
  return Written(fd, size, [&](size_t bytes) { return real(fd, data, bytes); });
}

#define GREFFE_PWRITE(name)                                                                \
  ssize_t name(int fd, const void* data, size_t size, off_t offset) {                      \
    static auto* const real = Real<ssize_t(int, const void*, size_t, off_t)>(#name);       \
    return Written(fd, size, [&](size_t bytes) { return real(fd, data, bytes, offset); }); \
  }
GREFFE_PWRITE(pwrite)
GREFFE_PWRITE(pwrite64)

// A vector is never cut in the middle of a part: its first part alone is the half.
#define GREFFE_PWRITEV(name)                                                                         \
  ssize_t name(int fd, const iovec* parts, int count, off_t offset) {                                \
    static auto* const real = Real<ssize_t(int, const iovec*, int, off_t)>(#name);                   \
    const auto all = static_cast<size_t>(count);                                                     \
    return Written(fd, all, [&](size_t n) { return real(fd, parts, static_cast<int>(n), offset); }); \
  }
GREFFE_PWRITEV(pwritev)
GREFFE_PWRITEV(pwritev64)

ssize_t writev(int fd, const iovec* parts, int count) {
  static auto* const real = Real<ssize_t(int, const iovec*, int)>("writev");
  return Written(fd, static_cast<size_t>(count), [&](size_t n) { return real(fd, parts, static_cast<int>(n)); });
}

#define GREFFE_ON_FD(name, space, parameters, arguments)   \
  int name parameters {                                    \
    static auto* const real = Real<int parameters>(#name); \
    if (IsWatched(fd) && Fails(space)) return -1;          \
    return real arguments;                                 \
  }
GREFFE_ON_FD(fsync, Space::kNotNeeded, (int fd), (fd))
GREFFE_ON_FD(fdatasync, Space::kNotNeeded, (int fd), (fd))
GREFFE_ON_FD(ftruncate, Space::kNotNeeded, (int fd, off_t size), (fd, size))
GREFFE_ON_FD(ftruncate64, Space::kNotNeeded, (int fd, off_t size), (fd, size))
GREFFE_ON_FD(fallocate, Space::kNeeded, (int fd, int mode, off_t offset, off_t size), (fd, mode, offset, size))
GREFFE_ON_FD(fallocate64, Space::kNeeded, (int fd, int mode, off_t offset, off_t size), (fd, mode, offset, size))

#define GREFFE_ON_PATH(name, subject, space, parameters, arguments) \
  int name parameters {                                             \
    static auto* const real = Real<int parameters>(#name);          \
    if (IsBelow(subject) && Fails(space)) return -1;                \
    return real arguments;                                          \
  }
int unlinkat(int folder, const char* path, int flags) {
  static auto* const real = Real<int(int, const char*, int)>("unlinkat");
  if ((IsBelow(path) || IsWatched(folder)) && Fails(Space::kNotNeeded)) return -1;
  return real(folder, path, flags);
}

GREFFE_ON_PATH(rename, to, Space::kNeeded, (const char* from, const char* to), (from, to))
GREFFE_ON_PATH(link, to, Space::kNeeded, (const char* from, const char* to), (from, to))
GREFFE_ON_PATH(mkdir, path, Space::kNeeded, (const char* path, mode_t mode), (path, mode))
GREFFE_ON_PATH(rmdir, path, Space::kNotNeeded, (const char* path), (path))
GREFFE_ON_PATH(unlink, path, Space::kNotNeeded, (const char* path), (path))
GREFFE_ON_PATH(remove, path, Space::kNotNeeded, (const char* path), (path))

}  // extern "C"
