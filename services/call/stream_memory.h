// What all streams under way hold in memory, and how much that may be.
//
// Each stream bounds what it holds by itself, but thousands of them that nobody reads, or that are never ended, would
// come to gigabytes. So each reserves before it holds, and one that finds no room is refused. Two hold something before
// they know how much it is, for as long as one thread of the pool takes: a download whose content is read as a whole
// (PieceStream::BeginAndFill), and the import of a table, whose message is there when it is looked at, and whose rows
// when it is read.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"

namespace greffe {

// The budget of all streams of a server. Thread-safe, without locks. Outlives its shares.
class StreamMemory {
 public:
  explicit StreamMemory(std::int64_t limit) : limit_(limit) {}

  // Of all shares together.
  std::int64_t reserved() const { return reserved_; }

 private:
  friend class StreamShare;
  const std::int64_t limit_;
  std::atomic<std::int64_t> reserved_ = 0;
};

// What one stream has of it; given back with the stream, however that ends. Thread-safe.
class StreamShare {
 public:
  explicit StreamShare(StreamMemory& memory) : memory_(memory) {}
  StreamShare(const StreamShare&) = delete;
  StreamShare& operator=(const StreamShare&) = delete;
  ~StreamShare() { Return(held_); }

  // RESOURCE_EXHAUSTED, with `limit` in the metadata (the setting's key), when there is no room for so many more bytes;
  // nothing is reserved then. SERVER_BUSY: others hold it; STREAM_TOO_LARGE: what this one has and asks for is more
  // than all may hold, and asking again is of no use.
  absl::Status Reserve(std::int64_t bytes);
  // What came to the stream by itself and cannot be refused: it counts, and others get less.
  void Add(std::int64_t bytes);
  // Of what was reserved or added.
  void Return(std::int64_t bytes);

 private:
  StreamMemory& memory_;
  std::atomic<std::int64_t> held_ = 0;
};

}  // namespace greffe
