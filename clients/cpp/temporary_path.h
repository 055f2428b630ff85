// What a signal must not leave behind.
#pragma once

#include <atomic>
#include <string>

namespace greffe::client {

// The name of a temporary file or folder, from before it is made until it is renamed or removed. Holds the name alone:
// making and removing is the owner's. Thread-safe among objects.
class TemporaryPath {
 public:
  enum class Kind { kFile, kFolder };

  TemporaryPath(std::string path, Kind kind);
  ~TemporaryPath();
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  std::atomic<char*>* const slot_;  // null: too many at a time; a signal leaves this one
};

// From now on INT, TERM and HUP remove what TemporaryPaths name, folders with all that is in them, and then end the
// process as they would have. A signal that is ignored stays so. For programs, once; a library has no say in it.
void RemoveTemporariesOnSignals();

}  // namespace greffe::client
