// The journal: an ordered, durable log of commits with compare-and-set on refs, and the durable state that is not
// history.
//
// It is the seam beyond one machine (DESIGN 3): nothing above may assume that this process wrote the last record. A
// commit is acknowledged exactly when it is in here; the git repositories on disk follow.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/clock.h"
#include "storage/base/git_object.h"
#include "storage/base/oid.h"

namespace greffe {

// The number of a commit in its repository: 1, 2, 3, ... 0 stands for "before the first".
using Sequence = std::int64_t;

// An object that travels in the journal.
struct JournalObject {
  Oid oid;
  GitObject object;
  // The object that this one took the place of, under the same path; zero when there is none. A pack may store one as a
  // delta of the other.
  Oid predecessor;
};

// An object that was synced into the repository's folder before the append, since it is too large to travel.
struct ExternalObject {
  Oid oid;
  std::int64_t size = 0;
  Sha256 sha256;

  friend bool operator==(const ExternalObject&, const ExternalObject&) = default;
};

// One commit with every object that it brings.
struct JournalCommit {
  Sequence sequence = 0;
  Oid commit;
  Micros record_time = 0;
  std::vector<JournalObject> objects;
  std::vector<ExternalObject> externals;
};

struct RefChange {
  std::string ref;  // "refs/heads/main"
  Oid expected;     // zero: must not exist
  Oid target;
  Sequence sequence = 0;  // of the commit that it points to
};

// State rows: "locks/...", "uploads/...". Keys are bytes without limit on their meaning; the part up to the first '/'
// names the kind.
struct StateChange {
  std::string key;
  std::optional<std::string> value;  // nullopt: delete
};

// What one append makes durable, whole or not at all.
struct CommitGroup {
  std::string repository;              // "apollo" (a project id) or "_server"
  std::vector<JournalCommit> commits;  // consecutive sequences, the first one above the repository's head
  std::vector<RefChange> refs;         // all are compared, then all are moved
  std::vector<StateChange> state;
};

struct Head {
  std::string repository;
  std::string ref;
  Oid target;
  Sequence sequence = 0;
};

struct JournalStats {
  std::int64_t unpacked_commits = 0;
  std::int64_t unpacked_bytes = 0;
};

// Thread-safe. Any method may answer DATA_LOSS (JOURNAL_DAMAGED) for damage that it meets, naming the file or key.
class Journal {
 public:
  virtual ~Journal() = default;

  // Appends `groups`, each of another repository, as one atomic, synced record and moves each named ref. A group
  // without commits (state alone) is fine. ABORTED (REF_MOVED) when a ref is not where a group expects it,
  // INVALID_ARGUMENT when sequences are not consecutive; nothing is written then. RESOURCE_EXHAUSTED (DISK_FULL) when
  // there was no room; nothing is written then, and later appends may succeed. UNKNOWN (SYNC_FAILED) after a failed
  // sync: the outcome is decided at the next open; the journal takes no more. Concurrent appends share one sync.
  virtual absl::Status Append(std::span<const CommitGroup* const> groups) = 0;
  absl::Status Append(const CommitGroup& group) {
    const CommitGroup* const one = &group;
    return Append({&one, 1});
  }

  // nullopt when the ref was never moved.
  virtual absl::StatusOr<std::optional<Head>> ReadHead(std::string_view repository, std::string_view ref) const = 0;
  // By repository, then ref; those of repositories in (`after_repository`, ...), at most `limit` of them.
  virtual absl::StatusOr<std::vector<Head>> ListHeads(std::string_view after_repository = {},
                                                      int limit = 1 << 30) const = 0;

  // The repository's own, by ref.
  virtual absl::StatusOr<std::vector<Head>> ListRefs(std::string_view repository) const = 0;

  // An object of a commit that is not trimmed yet; nullopt otherwise.
  virtual absl::StatusOr<std::optional<GitObject>> ReadObject(std::string_view repository, const Oid& oid) const = 0;

  // What came since: commits above `after`, in order, whole, until their objects exceed `max_bytes` (one commit at
  // least). Trimmed ones are left out.
  virtual absl::StatusOr<std::vector<JournalCommit>> ReadCommits(std::string_view repository, Sequence after,
                                                                 std::int64_t max_bytes) const = 0;

  // Forgets the commits up to `through`, which are in the repository on disk now. Heads stay.
  virtual absl::Status Trim(std::string_view repository, Sequence through) = 0;

  // How many commits of the repository are not trimmed, and their bytes; "" for all repositories.
  virtual JournalStats Stats(std::string_view repository) const = 0;

  // Repositories that have commits that are not trimmed.
  virtual std::vector<std::string> UnpackedRepositories() const = 0;

  virtual absl::StatusOr<std::optional<std::string>> ReadState(std::string_view key) const = 0;
  // Keys with `prefix`, above `after`, in byte order, at most `limit`.
  virtual absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanState(std::string_view prefix,
                                                                                     std::string_view after,
                                                                                     int limit) const = 0;
  // Keys with `prefix`, below `before` ("": all of them), in descending byte order, at most `limit`. The prefix ends
  // with a byte below 255.
  virtual absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanStateBackwards(std::string_view prefix,
                                                                                              std::string_view before,
                                                                                              int limit) const = 0;

  // Wake-up: counts appends by anyone. Waits until the count is above `seen` or the time is over, and returns it.
  virtual std::uint64_t WaitForAppend(std::uint64_t seen, std::chrono::milliseconds timeout) const = 0;

  // OK, or why no append will succeed any more.
  virtual absl::Status Health() const = 0;

  // Appends end; what was appended is synced, and the next open reads little of it again. Idempotent.
  virtual absl::Status Close() = 0;
};

}  // namespace greffe
