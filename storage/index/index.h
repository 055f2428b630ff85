// The index: disposable views over what git and the journal hold, in RocksDB without a write-ahead log (atomic flush
// keeps its column families together). Rows are versioned by sequence, so that any read "as of" is a seek.
//
// FORMAT.md, `index/`, lists every key.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/imports.pb.h"
#include "storage/index/index_batch.h"
#include "storage/index/project_mark.h"

namespace greffe {

struct IndexOptions {
  std::string directory;                 // "<data>/index"; made when it is not there
  std::int64_t cache_bytes = 256 << 20;  // an eighth of them for documents and records, the rest for blocks of files
  std::int64_t write_buffer_bytes = 64 << 20;
  std::int64_t bulk_bytes = 256 << 20;  // rows of a whole history that wait for the others
  std::string discard = {};             // why what is there is to be discarded; empty: it is not
};

// Latest content above this has no row of its own: it is read from git.
inline constexpr std::int64_t kMaxIndexedContentBytes = 16 << 10;

// The reason of a status that says that the index is damaged.
inline constexpr char kIndexDamaged[] = "INDEX_DAMAGED";

// Thread-safe.
class Index {
 public:
  // Opens, or makes an empty one. One of another format, or damaged (now, or when it was last read), is discarded:
  // `discarded` (when not null) then says why. FAILED_PRECONDITION (INDEX_FORMAT_NEWER) for a newer format: nothing is
  // touched.
  static absl::StatusOr<std::unique_ptr<Index>> Open(const IndexOptions& options, std::string* discarded = nullptr);
  // The same error; OK as well when there is none, or none that can be read. Opens nothing to be written.
  static absl::Status CheckFormat(const std::string& directory);
  ~Index();

  // Called once, from any thread, when a read or a write finds it damaged (UNAVAILABLE, INDEX_DAMAGED, as the caller
  // gets it too): it answers no more of what is damaged, and is to be opened again. Set before it is shared.
  void OnDamage(std::function<void(const absl::Status&)> handler);
  // Gives the status back; one that tells of such damage, which came of an IndexBatch, is noted as that of a read is.
  absl::Status NoteDamage(absl::Status status) const;

  // Makes the batch's rows visible, all at once. The batch is empty afterwards.
  absl::Status Write(IndexBatch& batch);
  // The same for a batch that others read meanwhile (see IndexBatch::IndexBatch): it keeps what it holds.
  absl::Status WriteAndKeep(const IndexBatch& batch);
  // The same with what the batch should not hold any longer: all, but of a whole history as long as memory allows.
  absl::Status WriteSome(IndexBatch& batch);

  absl::StatusOr<std::optional<ProjectMark>> FindMark(std::string_view project) const;
  // Ids above `after`, in order, at most `limit`.
  absl::StatusOr<std::vector<std::string>> ListProjects(std::string_view after, int limit) const;
  // Projects that the index knows.
  absl::StatusOr<std::int64_t> CountProjects() const;

  // The serialised FetchContentResponse (content included) of the document's latest main file, into `answer` (kept
  // buffers are reused). False: no row, ask git.
  absl::StatusOr<bool> FindLatestContent(std::string_view project, std::string_view number, std::string& answer) const;
  // Makes that row for content that was read from git: an index made anew has none. Does nothing when `version` is not
  // the active document's latest any more, or the content is above kMaxIndexedContentBytes.
  absl::Status KeepLatestContent(std::string_view project, std::string_view number, const v1::Version& version,
                                 std::string_view content);

  // Where an import stands; nullopt: never imported from.
  absl::StatusOr<std::optional<v1::ImportSource>> FindImportSource(std::string_view project,
                                                                   std::string_view source) const;

  // Commits of all projects by record time above `after`, at most `limit`: (record time, project, sequence).
  struct RecordedCommit {
    Micros record_time = 0;
    std::string project;
    std::int64_t sequence = 0;
  };
  absl::StatusOr<std::vector<RecordedCommit>> ListRecorded(Micros after, int limit) const;
  // The newest record time of all projects; 0: none.
  absl::StatusOr<Micros> NewestRecordTime() const;

  // Forgets everything.
  absl::Status Clear();
  // Makes everything written so far durable: a clean stop, so that the next start replays nothing.
  absl::Status Flush();

  // Compares every row but those that are filled by use; each difference is given as text. Returns the number of rows.
  absl::StatusOr<std::int64_t> CompareWith(const Index& other,
                                           const std::function<void(const std::string&)>& difference) const;

  // Every row but those that are filled by use (latest contents), in key order.
  absl::Status ForEachRow(const std::function<absl::Status(std::string_view key, std::string_view value)>& visit) const;

 private:
  absl::Status WriteBulk(IndexBatch& batch);

  friend class IndexBatch;
  friend class ProjectView;
  friend class DocumentLister;
  friend class RecordLister;
  friend class LinkWalk;
  friend class RecordWriter;
  friend class VersionedWalk;
  friend class RowWriter;
  friend class Tallies;
  struct State;
  explicit Index(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace greffe
