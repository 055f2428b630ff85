// Large content on its way in: sessions that outlive connections and restarts. The bytes are a loose git object in the
// making under `uploads/`; the session is a state row of the journal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/contents.pb.h"
#include "storage/base/clock.h"
#include "storage/base/durable_file.h"
#include "storage/base/hashing.h"
#include "storage/journal/journal.h"
#include "storage/store/content_seals.h"
#include "storage/store/staged_content.h"

namespace greffe {

struct UploadOptions {
  std::string directory;  // "<data>/uploads"
  std::int64_t max_size = std::int64_t{16} << 30;
  std::int64_t reserve_bytes = 0;                      // of free space, which uploads leave to other writes
  int max_sessions = 2000;                             // at one time, over all projects; of one, half as many
  Micros max_age = Micros{7} * 24 * 3600 * 1'000'000;  // since the last byte
  std::int64_t sync_every = std::int64_t{64} << 20;    // bytes that a crash may make a client send again
  std::function<absl::StatusOr<std::int64_t>(const std::string& path)> free_space = FreeSpace;
};

// Thread-safe. At most one writer an upload: a second one gets ABORTED (UPLOAD_BUSY).
class Uploads {
 public:
  // Whether a content may come into the project's repository: not OK when another with the same oid lies there.
  using Admit = std::function<absl::Status(std::string_view project, const BlobHasher::Result& content)>;

  // A content that came in one stream is sealed in `seals` on its way.
  Uploads(const UploadOptions& options, Journal& journal, const Clock& clock, ContentSeals& seals, Admit admit);
  ~Uploads();

  // Before anything else. Takes up the sessions that the journal knows; removes files that belong to none.
  absl::Status Recover();

  // INVALID_ARGUMENT (SIZE_INVALID), RESOURCE_EXHAUSTED (TOO_MANY_UPLOADS, with `project` in the metadata when it is
  // the project that has too many; DISK_FULL). `sha256` in hexadecimal, or empty. The same request id of the same
  // caller (a principal's id) with the same size and sha256 gives the same session.
  absl::StatusOr<v1::Upload> Create(std::string_view project, std::int64_t size, std::string_view sha256,
                                    std::string_view request_id, std::string_view caller = "");
  // NOT_FOUND (UPLOAD_NOT_FOUND) here and below.
  absl::StatusOr<v1::Upload> Get(std::string_view project, std::string_view id) const;
  // Of the project, by id, above the id `after`, at most `limit`.
  std::vector<v1::Upload> List(std::string_view project, std::string_view after, int limit) const;
  absl::Status Delete(std::string_view project, std::string_view id);

  // One stream of chunks. Bytes that were taken stay when it goes away.
  class Writer {
   public:
    virtual ~Writer() = default;
    // Reads and hashes about `most` bytes of what an upload that goes on has already; true once all is read. Append and
    // Finish do what is left of that themselves, however long it takes. DATA_LOSS when it is not there.
    virtual absl::StatusOr<bool> TakeUp(std::int64_t most) = 0;
    // OUT_OF_RANGE (UPLOAD_OFFSET_MISMATCH, metadata received_size; UPLOAD_TOO_LARGE beyond the announced size),
    // DATA_LOSS (CHECKSUM_MISMATCH), RESOURCE_EXHAUSTED (DISK_FULL): `data` would take of the reserve; it was not
    // taken.
    virtual absl::Status Append(std::int64_t offset, std::string_view data, std::uint32_t crc32c) = 0;
    // Ends the stream; completes the upload when all bytes are there: synced, hashed, held against the announced
    // SHA-256 (DATA_LOSS CHECKSUM_MISMATCH, and the upload begins anew), and admitted.
    virtual absl::StatusOr<v1::Upload> Finish() = 0;
  };
  absl::StatusOr<std::unique_ptr<Writer>> OpenWriter(std::string_view project, std::string_view id);

  // A complete upload as content of a commit. FAILED_PRECONDITION (UPLOAD_INCOMPLETE). The commit consumes it; until
  // then it may be asked for again.
  absl::StatusOr<StagedContent> Take(std::string_view project, std::string_view id) const;
  // For UploadClaims: a write under way has it, and it does not count among the open ones until as many GiveBack, or
  // the commit that consumes it. False: there is no such one, or the project has kMaxClaimed, and it counts.
  bool Claim(std::string_view project, std::string_view id);
  void GiveBack(std::string_view project, std::string_view id);
  static constexpr int kMaxClaimed = 100'000;  // as many as one commit of an import may name
  // Where its object file lies.
  std::string FilePath(std::string_view project, std::string_view id) const;
  // NOT_FOUND (UPLOAD_NOT_FOUND): it never was, was deleted, or a write consumed it.
  static absl::Status NotFound(std::string_view project, std::string_view id);
  // Its state row's key, for the commit that consumes it.
  static std::string StateKey(std::string_view project, std::string_view id);
  // After that commit: forgets the session and removes its file.
  void Forget(std::string_view project, std::string_view id);

  // Removes sessions past their age at `now`; returns how many.
  int RemoveExpired(Micros now);

  struct State;  // upload_sessions.h

 private:
  std::unique_ptr<State> state_;
};

}  // namespace greffe
