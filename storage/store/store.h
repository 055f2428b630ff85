// The store: the sole way to change anything (I6), and where reads begin. Drives journal, git and index.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/admin.pb.h"
#include "greffe/v1/common.pb.h"
#include "storage/base/clock.h"
#include "storage/index/project_view.h"
#include "storage/store/commit_codec.h"
#include "storage/store/content_reader.h"
#include "storage/store/inbox.h"
#include "storage/store/lock_table.h"
#include "storage/store/scrubber.h"
#include "storage/store/transaction.h"
#include "storage/store/uploads.h"

namespace greffe {

struct StoreOptions {
  std::string directory;               // "<data>"
  int committers = 16;                 // threads that make commits, of which no more than there are processors
                                       // share out what is small among them
  std::int64_t group_bytes = 4 << 20;  // of requests that share one append
  int group_commits = 256;             // and their number
  // A small write that comes alone is done by the thread that brings it, if it may be, where the last append took no
  // longer than this; 0: never, another thread does it.
  std::chrono::microseconds quick_append{1000};
  std::int64_t queue_bytes = 256 << 20;        // of requests waiting; beyond: RESOURCE_EXHAUSTED (SERVER_BUSY)
  std::int64_t inline_bytes = 1 << 20;         // content up to this travels in the journal; larger comes as an upload
  std::chrono::milliseconds pack_delay{3000};  // the longest that the repositories on disk trail, when there is time
  std::int64_t pack_bytes = 32 << 20;          // unpacked bytes of a project that do not wait for the delay
  int open_repositories = 256;
  std::int64_t reserve_bytes = 256 << 20;  // free space below which writes are refused (DISK_FULL)
  std::int64_t index_cache_bytes = 512 << 20;
  std::int64_t index_buffer_bytes = 64 << 20;  // rows of one kind in memory before they go into a file
  std::int64_t journal_buffer_bytes =
      64 << 20;                // rows of one kind in memory; a log of the journal ends by four times that
  UploadOptions uploads = {};  // `directory` is set by the store
  ScrubOptions scrub = {};
  InboxLimits inbox = {};
  OutboxLimits outbox = {};
  bool background = true;    // false: no packer, sweeper and scrub run by themselves (offline tools)
  bool sync_journal = true;  // false only in tests that prove what it is for
};

enum class Severity { kInfo, kError };
// Lines for the log, from any thread.
using StoreLog = std::function<void(Severity severity, const std::string& line)>;

struct WriteRequest {
  std::string project;
  v1::Principal principal;  // who asks
  std::string request_id;   // empty: not repeatable
  std::string digest;       // of the request alone, see request_digest.h; empty with an empty id
  std::int64_t bytes = 0;   // content that it holds in memory
  bool bulk = false;        // may take long whatever `bytes` is: other projects do not wait for it
  // The thread that brings it may do it (StoreOptions::quick_append): nobody waits for that thread.
  bool by_caller = false;
  std::optional<ImportOrigin> import;
  // Does the deed, or refuses it: a status other than OK leaves nothing behind. May be called on any thread, once.
  std::function<absl::Status(Transaction&)> act;
};

struct WriteResult {
  std::int64_t sequence = 0;  // 0: the act changed nothing, there is no commit
  // What the act saw: an answer about what it left as it is reads the project at this sequence, not at a later one.
  std::int64_t seen_sequence = 0;
  std::string commit;
  bool replayed = false;  // the answer of an earlier request of the same id
  // The id of the project where what follows has still to be read (Store::ReadReplayed); "": it is here.
  std::string unread;
  // The state after the commit, output-only fields included, in the commit's order.
  std::optional<v1::Project> project;
  std::vector<v1::Document> documents;
  std::vector<RecordPtr> records;  // those that were put
  std::optional<v1::Lock> lock;    // what a request about a lock is answered

  // The moment for such an answer.
  v1::AsOf Seen() const {
    v1::AsOf as_of;
    if (seen_sequence > 0) as_of.set_sequence(seen_sequence);
    return as_of;
  }

  // The first record of that type; nullptr: none.
  template <typename Record>
  const Record* FindRecord() const {
    for (const RecordPtr& record : records) {
      if (record->GetDescriptor() == Record::descriptor()) return static_cast<const Record*>(record.get());
    }
    return nullptr;
  }
};
using WriteDone = std::function<void(absl::StatusOr<WriteResult>)>;

struct FlushResult {
  std::int64_t commit_count = 0;
};
using FlushDone = std::function<void(absl::StatusOr<FlushResult>)>;

// Thread-safe.
class Store {
 public:
  // Takes the data directory (lock, format), recovers, and starts the background work. FAILED_PRECONDITION
  // (DATA_DIRECTORY_LOCKED, DATA_DIRECTORY_FOREIGN, DATA_FORMAT_NEWER), DATA_LOSS. A project that is damaged, or was
  // changed by someone else, is set apart and named in the log; the others work.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const StoreOptions& options, const Clock& clock,
                                                     const StoreLog& log);
  // Close, when it was not called.
  ~Store();

  // Finishes what is queued, packs everything, flushes the index. Writes are refused from its beginning on
  // (UNAVAILABLE SHUTTING_DOWN).
  absl::Status Close();

  // Queues the write, or does it (StoreOptions::quick_append). `done` is called exactly once, when the write is durable
  // and readable, or failed; on a thread that others wait for, so it must be short, and maybe before Write returns. A
  // request id seen before in the project gives the first answer (`replayed`), also while the first is still under way;
  // with another digest, or of another principal, INVALID_ARGUMENT (REQUEST_ID_REUSED). That answer may be `unread`:
  // the committer, for which other writes wait, does not look up what a commit of a thousand files made.
  void Write(WriteRequest request, WriteDone done);
  // Completes a result that is `unread`. Blocks on I/O.
  absl::Status ReadReplayed(WriteResult& result) const;
  // Both, waiting.
  absl::StatusOr<WriteResult> WriteAndWait(WriteRequest request);

  // Hashes content of up to `inline_bytes` for a write; without I/O. INVALID_ARGUMENT (CONTENT_TOO_LARGE,
  // CONTENT_COLLISION) naming `field`. Sets size, sha256, oid, and media_type (told from `file_name` and the bytes when
  // `media_type` is empty).
  absl::StatusOr<StagedContent> Stage(std::string data, const std::string& file_name, const std::string& media_type,
                                      const std::string& field) const;
  // A complete upload for a write.
  absl::StatusOr<StagedContent> StageUpload(std::string_view project, std::string_view id, const std::string& file_name,
                                            const std::string& media_type) const;

  // Ids of all projects above `after`, in order, at most `limit`: also of those that cannot be read (IsUnreadable) and
  // that an index which was made anew does not know.
  absl::StatusOr<std::vector<std::string>> ListProjects(std::string_view after, int limit) const;
  absl::StatusOr<ProjectView> View(std::string_view project, const v1::AsOf& as_of = {}) const;
  const Index& index() const;
  Uploads& uploads() const;

  const LockTable& locks() const;
  Inbox& inbox() const;
  // The time at which what goes for its age is that old (age_clock.h).
  Micros NowForAges() const;
  Outbox& outbox() const;

  // A serialised FetchContentResponse of the latest main file, content included; false: not at hand, use View and
  // ReadContent.
  absl::StatusOr<bool> FindLatestContent(std::string_view project, std::string_view number, std::string& answer) const;

  // Has the content of a latest main file at hand from now on, where it is small. Cheap, and optional: an error would
  // say nothing that matters.
  void KeepLatestContent(std::string_view project, std::string_view number, const v1::Version& version,
                         std::string_view content) const;

  // The whole content, verified; for files up to a few MiB. Blocks on I/O.
  absl::StatusOr<std::string> ReadContent(std::string_view project, const v1::File& file) const;
  absl::StatusOr<std::unique_ptr<ContentReader>> OpenContent(std::string_view project, const v1::File& file) const;

  // Calls `wake` after every commit of the project ("": of any), with its id, from committer threads, until Unsubscribe
  // returns; of any also with "", when the settled time may have moved without one. `wake` must be short and must not
  // call Subscribe or Unsubscribe.
  std::uint64_t Subscribe(std::string_view project, std::function<void(std::string_view project)> wake);
  void Unsubscribe(std::uint64_t subscription);
  // Record time up to which the commits of all projects are complete: no commit with a record time up to this will
  // appear any more.
  Micros SettledTime() const;

  // Packs what is acknowledged into the repositories ("": of all projects). `done` is called exactly once, when it is
  // there or failed, on a thread that others wait for, and maybe before FlushRepositories returns.
  void FlushRepositories(std::string_view project, FlushDone done);
  // The same, waiting.
  absl::StatusOr<FlushResult> FlushRepositories(std::string_view project = {});

  // Begins a round of the scrub, unless one is under way. FAILED_PRECONDITION (SCRUB_OFF).
  absl::Status BeginScrub();
  v1::ScrubStatus Scrub() const;

  v1::ServerStatus Status() const;  // all but version
  absl::StatusOr<v1::ProjectStorage> DescribeStorage(std::string_view project) const;
  // OK, or why writes are refused.
  absl::Status Writable() const;
  // Called once when the store must stop since the outcome of a sync is unknown.
  void OnFatal(std::function<void(absl::Status)> handler);

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A unified diff of two texts.
struct TextComparison {
  std::string unified;  // "" when they are equal
  std::int64_t lines_added = 0;
  std::int64_t lines_removed = 0;
};
absl::StatusOr<TextComparison> CompareTexts(std::string_view base, std::string_view base_name, std::string_view target,
                                            std::string_view target_name, int context_lines);

}  // namespace greffe
