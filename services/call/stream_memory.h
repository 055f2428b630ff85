// What all streams under way hold in memory, and how much that may be.
//
// Each stream bounds what it holds by itself, but thousands of them that nobody reads, or that are never ended, would
// come to gigabytes. So each reserves before it holds, and one that finds no room is refused. Two hold something before
// they know how much it is, for as long as one thread of the pool takes: a download whose content is read as a whole
// (PieceStream::BeginAndFill), and the import of a table, whose message is there when it is looked at, and whose rows
// when it is read.
//
// A caller who neither reads nor sends would keep a part for good: such streams are ended (stalled_streams.h), sooner
// where others find no room.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "services/call/stalled_streams.h"

namespace greffe {

// The budget of all streams of a server. Thread-safe. Outlives its shares.
class StreamMemory {
 public:
  // `stall`: how long a stream may wait for its caller.
  explicit StreamMemory(std::int64_t limit, std::chrono::milliseconds stall = std::chrono::minutes(10))
      : limit_(limit), stalled_(stall) {}

  // Of all shares together.
  std::int64_t reserved() const { return reserved_; }

 private:
  friend class StreamShare;
  const std::int64_t limit_;
  std::atomic<std::int64_t> reserved_ = 0;
  StalledStreams stalled_;
};

// What one stream has of it; given back with the stream, however that ends. Thread-safe.
class StreamShare {
 public:
  explicit StreamShare(StreamMemory& memory) : memory_(memory) {}
  // Of a stream that is ended when it waits for its caller for long.
  StreamShare(StreamMemory& memory, grpc::CallbackServerContext* context) : memory_(memory) {
    stream_.emplace(memory.stalled_, context);
  }
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

  // Between these the stream waits for its caller alone, to read what was sent or to send more.
  void BeginWait() { stream_->BeginWait(); }
  void EndWait() { stream_->EndWait(); }

 private:
  StreamMemory& memory_;
  std::optional<StalledStreams::Stream> stream_;
  std::atomic<std::int64_t> held_ = 0;
};

}  // namespace greffe
