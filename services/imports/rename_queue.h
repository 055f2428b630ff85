// In which order the renames of one source commit are tried: they may form chains and circles, so those whose
// destination is held wait until it is given up. Each is tried again only when what was in its way has gone.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace greffe {

// Renames are known by their place in the commit. Places are folded paths.
class RenameQueue {
 public:
  // Of renames 0 to `count` - 1.
  explicit RenameQueue(std::size_t count);

  // The next to be tried, which is not in the queue any more; nullopt: none can go.
  std::optional<std::size_t> Next();
  // It was tried, and `place` is held.
  void Wait(std::size_t rename, const std::string& place);
  bool IsAwaited(const std::string& place) const { return by_place_.contains(place); }
  // Nothing is at the place any more: those that waited for it are tried again.
  void Free(const std::string& place);

  // When none can go, there is a circle: the first that waits and has not been moved aside yet. It goes on waiting.
  std::optional<std::size_t> NextAside();
  // When all that wait are aside, they never get their places: the last one, which is not in the queue any more.
  std::optional<std::size_t> GiveUp();

 private:
  std::deque<std::size_t> ready_;
  std::map<std::size_t, std::string> waiting_;                       // and for which place
  std::unordered_map<std::string, std::set<std::size_t>> by_place_;  // that wait
  std::set<std::size_t> standing_;                                   // that wait where they were
  std::vector<bool> aside_;
};

}  // namespace greffe
