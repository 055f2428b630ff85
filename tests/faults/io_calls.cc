// A library for LD_PRELOAD that stands between a program and the C library's calls which change files below a folder.
// It counts them over all threads, lets the one of a given number fail, or records them all. Reading is left alone: it
// changes nothing that a later start could see.
//
//   GREFFE_IO_ROOT    the folder, absolute
//   GREFFE_IO_FAULT   kind:number, numbers from 1 on; without it, no call fails. Kinds:
//                       kill    the process is killed instead of the call
//                       torn    half of what a write brings is written, then the process is killed
//                       short   a write writes half; the rest is the caller's to write
//                       eio     the call fails with EIO
//                       enospc  the call fails with ENOSPC, this once
//                       edquot  the call fails with EDQUOT, this once
//                       full    from this call on, all that need space fail with ENOSPC
//   GREFFE_IO_ROOM    file that gives room again once it is there
//   GREFFE_IO_SPARED  part of the names of files that are left alone
//   GREFFE_IO_COUNT   file that gets the number of calls when the program ends by itself
//   GREFFE_IO_RECORD  file that gets the calls, as io_record.h says
//   GREFFE_IO_MARKS   file outside the folder, writes to which are recorded among the calls
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/faults/io_plan.h"
#include "tests/faults/io_record.h"

namespace {

using namespace greffe::io;  // NOLINT: this file is where all of it comes together

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

Record& TheRecord() {
  static Record record(Real<int(const char*, int, ...)>("open"), Real<ssize_t(int, const iovec*, int)>("writev"));
  return record;
}

// What is known of an open file below the folder, or of the marks.
struct OpenFile {
  bool watched = false;
  bool marks = false;
  ino_t inode = 0;
  std::string path;
};
std::array<OpenFile, 1 << 16> files;

bool IsBelow(const char* path) {
  const std::string& root = ThePlan().root;
  const char* spared = ThePlan().spared;
  return path != nullptr && !root.empty() && std::strncmp(path, root.c_str(), root.size()) == 0 &&
         (spared == nullptr || std::strstr(path, spared) == nullptr);
}
OpenFile* Find(int fd) { return fd >= 0 && fd < static_cast<int>(files.size()) ? &files[fd] : nullptr; }
bool IsWatched(int fd) {
  const OpenFile* file = Find(fd);
  return file != nullptr && file->watched;
}
std::string PathOf(int folder, const char* path) {
  return path[0] == '/' || !IsWatched(folder) ? path : files[folder].path + "/" + path;
}

// Does `call`, and records `line()` when that succeeds.
template <typename Call, typename Line>
int Recorded(const Call& call, const Line& line) {
  if (!TheRecord().on()) return call();
  const std::lock_guard lock(TheRecord().mutex());
  const int result = call();
  if (result >= 0) TheRecord().Line(line(result));
  return result;
}

// `write(bytes)` writes that many from the beginning of `data`; at `offset`, or where the file stands (-1).
template <typename Write>
ssize_t WriteAll(int fd, std::string_view data, off_t offset, const Write& write) {
  const OpenFile& file = files[fd];
  if (!TheRecord().on()) return write(data.size());
  const std::lock_guard lock(TheRecord().mutex());
  struct stat status {};
  const bool appends = (::fcntl(fd, F_GETFL) & O_APPEND) != 0;
  if (offset < 0) offset = appends && ::fstat(fd, &status) == 0 ? status.st_size : ::lseek(fd, 0, SEEK_CUR);
  const ssize_t written = write(data.size());
  if (written <= 0) return written;
  const std::string size = std::to_string(written);
  TheRecord().Line(
      file.marks ? "M " + size : "W " + std::to_string(file.inode) + " " + std::to_string(offset) + " " + size,
      data.substr(0, static_cast<std::size_t>(written)));
  return written;
}

template <typename Write>
ssize_t Written(int fd, const void* data, std::size_t size, off_t offset, const Write& write) {
  const OpenFile* file = Find(fd);
  if (file == nullptr || (!file->watched && !file->marks)) return write(size);
  const std::string_view all(static_cast<const char*>(data), size);
  switch (file->marks ? Verdict::kGo : Judge(Space::kNeeded, size > 1)) {
    case Verdict::kFail:
      return -1;
    case Verdict::kHalf:
      return WriteAll(fd, all.substr(0, size / 2), offset, write);
    case Verdict::kHalfThenDie:
      write(size / 2);
      ::raise(SIGKILL);
      return -1;
    case Verdict::kGo:
      break;
  }
  return WriteAll(fd, all, offset, write);
}

// Opening a file is a change when it makes or empties one.
template <typename Open>
int Opened(const std::string& path, bool below, int flags, const Open& open) {
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0;
  const bool changes = (flags & O_TRUNC) != 0 || ((flags & O_CREAT) != 0 && !there);
  if (below && changes && Fails(Space::kNeeded)) return -1;
  const auto call = [&] {
    const int fd = open();
    if (OpenFile* file = Find(fd)) {
      const char* marks = std::getenv("GREFFE_IO_MARKS");
      file->watched = below;
      file->marks = marks != nullptr && path == marks;
      file->path = below ? path : "";
      file->inode = below && ::fstat(fd, &status) == 0 ? status.st_ino : 0;
    }
    return fd;
  };
  if (!below || !changes) return call();
  return Recorded(call, [&](int fd) {
    const std::string inode = std::to_string(files[fd].inode);
    return there ? "T " + inode + " 0" : "C " + inode + " " + files[fd].path;
  });
}

__attribute__((destructor)) void TellCount() {
  if (ThePlan().count_file == nullptr) return;
  if (std::FILE* file = std::fopen(ThePlan().count_file, "w")) {
    std::fprintf(file, "%ld\n", calls.load());
    std::fclose(file);
  }
}

template <typename Call>
int Synced(int fd, const Call& call) {
  if (!IsWatched(fd)) return call();
  if (Fails(Space::kNotNeeded)) return -1;
  struct stat status {};
  const bool folder = ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
  return Recorded(call, [&](int) { return folder ? "Y " + files[fd].path : "S " + std::to_string(files[fd].inode); });
}

template <typename Call>
int Resized(int fd, off_t size, const Call& call) {
  if (!IsWatched(fd)) return call();
  if (Fails(Space::kNotNeeded)) return -1;
  return Recorded(call, [&](int) { return "T " + std::to_string(files[fd].inode) + " " + std::to_string(size); });
}

// A call on a path: `subject` is where it changes something.
template <typename Call>
int OnPath(const std::string& subject, Space space, const std::string& line, const Call& call) {
  if (!IsBelow(subject.c_str())) return call();
  if (Fails(space)) return -1;
  return Recorded(call, [&](int) { return line; });
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

#define GREFFE_OPENAT(name)                                                                               \
  int name(int folder, const char* path, int flags, ...) {                                                \
    va_list rest;                                                                                         \
    va_start(rest, flags);                                                                                \
    const mode_t mode = va_arg(rest, mode_t);                                                             \
    va_end(rest);                                                                                         \
    static auto* const real = Real<int(int, const char*, int, ...)>(#name);                               \
    const std::string whole = PathOf(folder, path);                                                       \
    return Opened(whole, IsBelow(whole.c_str()), flags, [&] { return real(folder, path, flags, mode); }); \
  }
GREFFE_OPENAT(openat)
GREFFE_OPENAT(openat64)

int close(int fd) {
  static auto* const real = Real<int(int)>("close");
  if (OpenFile* file = Find(fd)) file->watched = file->marks = false;
  return real(fd);
}

ssize_t write(int fd, const void* data, size_t size) {
  static auto* const real = Real<ssize_t(int, const void*, size_t)>("write");
  return Written(fd, data, size, -1, [&](size_t bytes) { return real(fd, data, bytes); });
}

#define GREFFE_PWRITE(name)                                                                              \
  ssize_t name(int fd, const void* data, size_t size, off_t offset) {                                    \
    static auto* const real = Real<ssize_t(int, const void*, size_t, off_t)>(#name);                     \
    return Written(fd, data, size, offset, [&](size_t bytes) { return real(fd, data, bytes, offset); }); \
  }
GREFFE_PWRITE(pwrite)
GREFFE_PWRITE(pwrite64)

// As one write after the other: the C++ library's streams write what they hold and what comes at once.
ssize_t writev(int fd, const iovec* parts, int count) {
  static auto* const real = Real<ssize_t(int, const iovec*, int)>("writev");
  const OpenFile* file = Find(fd);
  if (file == nullptr || (!file->watched && !file->marks)) return real(fd, parts, count);
  ssize_t all = 0;
  for (int i = 0; i < count; ++i) {
    const ssize_t written = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (written < 0) return all > 0 ? all : -1;
    all += written;
    if (written < static_cast<ssize_t>(parts[i].iov_len)) break;
  }
  return all;
}

int fsync(int fd) {
  static auto* const real = Real<int(int)>("fsync");
  return Synced(fd, [&] { return real(fd); });
}
int fdatasync(int fd) {
  static auto* const real = Real<int(int)>("fdatasync");
  return Synced(fd, [&] { return real(fd); });
}

#define GREFFE_FTRUNCATE(name)                                \
  int name(int fd, off_t size) {                              \
    static auto* const real = Real<int(int, off_t)>(#name);   \
    return Resized(fd, size, [&] { return real(fd, size); }); \
  }
GREFFE_FTRUNCATE(ftruncate)
GREFFE_FTRUNCATE(ftruncate64)

// Reserves space without changing what is read: nothing to record.
#define GREFFE_FALLOCATE(name)                                                                \
  int name(int fd, int mode, off_t offset, off_t size) {                                      \
    static auto* const real = Real<int(int, int, off_t, off_t)>(#name);                       \
    if (IsWatched(fd) && Fails(Space::kNeeded)) return -1;                                    \
    if (IsWatched(fd) && (mode & FALLOC_FL_KEEP_SIZE) == 0 && TheRecord().on()) std::abort(); \
    return real(fd, mode, offset, size);                                                      \
  }
GREFFE_FALLOCATE(fallocate)
GREFFE_FALLOCATE(fallocate64)

#define GREFFE_TWO_PATHS(name, letter)                                                                             \
  int name(const char* from, const char* to) {                                                                     \
    static auto* const real = Real<int(const char*, const char*)>(#name);                                          \
    return OnPath(to, Space::kNeeded, std::string(letter " ") + from + "\t" + to, [&] { return real(from, to); }); \
  }
GREFFE_TWO_PATHS(rename, "R")
GREFFE_TWO_PATHS(link, "L")

int mkdir(const char* path, mode_t mode) {
  static auto* const real = Real<int(const char*, mode_t)>("mkdir");
  struct stat status {};
  if (::stat(path, &status) == 0) return real(path, mode);
  return OnPath(path, Space::kNeeded, std::string("D ") + path, [&] { return real(path, mode); });
}

#define GREFFE_REMOVE(name, letter)                                                                     \
  int name(const char* path) {                                                                          \
    static auto* const real = Real<int(const char*)>(#name);                                            \
    return OnPath(path, Space::kNotNeeded, std::string(letter " ") + path, [&] { return real(path); }); \
  }
GREFFE_REMOVE(unlink, "U")
GREFFE_REMOVE(remove, "U")
GREFFE_REMOVE(rmdir, "X")

int unlinkat(int folder, const char* path, int flags) {
  static auto* const real = Real<int(int, const char*, int)>("unlinkat");
  const std::string whole = PathOf(folder, path);
  return OnPath(whole, Space::kNotNeeded, ((flags & AT_REMOVEDIR) != 0 ? "X " : "U ") + whole,
                [&] { return real(folder, path, flags); });
}

}  // extern "C"
