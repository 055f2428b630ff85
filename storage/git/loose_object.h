// Large contents: loose git objects whose zlib stream holds stored (uncompressed) blocks only, so that a range of the
// content is arithmetic on the file, and stock git reads them all the same.
//
// Layout: 78 01, then blocks `00|01, length LE16, ~length LE16, bytes` of 65,535 bytes each (the last one shorter and
// marked final), over "blob <size>\0<content>", then Adler-32 big-endian.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/durable_file.h"
#include "storage/base/hashing.h"
#include "storage/base/oid.h"

namespace greffe {

// Writes one. Not thread-safe.
class LooseObjectWriter {
 public:
  // A new file for a blob of `size` bytes.
  static absl::StatusOr<std::unique_ptr<LooseObjectWriter>> Create(const std::string& path, std::int64_t size);
  // An unfinished one, of which the first `received` content bytes are kept and the rest is cut off, by TakeUp.
  static absl::StatusOr<std::unique_ptr<LooseObjectWriter>> Resume(const std::string& path, std::int64_t size,
                                                                   std::int64_t received);
  ~LooseObjectWriter();

  // Reads and hashes about `most` more bytes of what a resumed one keeps; true once it has all of them. Not before that
  // may anything be appended. DATA_LOSS when the file does not hold them.
  absl::StatusOr<bool> TakeUp(std::int64_t most);

  // OUT_OF_RANGE beyond `size`.
  absl::Status Append(std::string_view data);
  // Makes what was appended durable; what Resume may count on.
  absl::Status Sync();
  std::int64_t received() const;
  std::int64_t size() const;

  // After exactly `size` bytes (FAILED_PRECONDITION otherwise): ends the stream, syncs, and tells the hashes.
  absl::StatusOr<BlobHasher::Result> Finish();

 private:
  struct State;
  explicit LooseObjectWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Reads ranges of one. Thread-safe after Open. DATA_LOSS (DATA_DAMAGED) naming the file where its framing is not as
// written.
class LooseObjectReader {
 public:
  // NOT_FOUND when the file is not there; FAILED_PRECONDITION when it is a loose object, but not of this layout (stock
  // git wrote it).
  static absl::StatusOr<std::unique_ptr<LooseObjectReader>> Open(const std::string& path);
  ~LooseObjectReader();

  std::int64_t size() const;
  // Exactly `length` bytes of the content from `offset`, into `buffer`. OUT_OF_RANGE beyond the end.
  absl::Status Read(std::int64_t offset, std::int64_t length, char* buffer) const;

 private:
  struct State;
  explicit LooseObjectReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace greffe
