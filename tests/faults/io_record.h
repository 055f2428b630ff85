// What a program asks of the file system, in order: GREFFE_IO_RECORD of io_calls.cc. power_cut.py reads it.
//
// A line a call, in which an inode is a number and a path comes last:
//   C inode path      a file was made            D path         a folder was made
//   W inode offset size, then the bytes          T inode size   it was cut, or grown
//   S inode           it was synced              Y path         a folder was synced
//   R from TAB to     renamed                    L from TAB to  linked
//   U path            a name was removed         X path         a folder was removed
//   M size, then the bytes                       what the program wrote to the file of GREFFE_IO_MARKS
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>

namespace greffe::io {

class Record {
 public:
  using Writev = ssize_t (*)(int, const iovec*, int);

  // `open` and `writev` are the C library's own.
  Record(int (*open)(const char*, int, ...), Writev writev) : writev_(writev) {
    const char* path = std::getenv("GREFFE_IO_RECORD");
    if (path != nullptr) fd_ = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  }

  bool on() const { return fd_ >= 0; }
  // Held over a call and its line: the order of the lines is that of the calls.
  std::mutex& mutex() { return mutex_; }

  void Line(const std::string& line, std::string_view data = {}) {
    const std::string text = line + "\n";
    const iovec parts[2] = {{const_cast<char*>(text.data()), text.size()},
                            {const_cast<char*>(data.data()), data.size()}};
    if (writev_(fd_, parts, 2) != static_cast<ssize_t>(text.size() + data.size())) std::abort();
  }

 private:
  const Writev writev_;
  int fd_ = -1;
  std::mutex mutex_;
};

}  // namespace greffe::io
