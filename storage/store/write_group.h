// What waiting writes of one project become: commits that follow each other, appended together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/git/tree_editor.h"
#include "storage/index/index.h"
#include "storage/journal/journal.h"
#include "storage/store/age_clock.h"
#include "storage/store/commit_builder.h"
#include "storage/store/lock_table.h"
#include "storage/store/object_source.h"
#include "storage/store/store.h"
#include "storage/store/timeline.h"
#include "storage/store/unchanged_requests.h"

namespace greffe {

// The reason of a status that says that a write is durable and not indexed.
inline constexpr char kIndexFailed[] = "INDEX_FAILED";

struct WriteParts {
  Journal& journal;
  Index& index;
  ObjectSource& objects;
  Uploads& uploads;
  Timeline& timeline;
  AgeClock& ages;
  LockTable& locks;
  NumberReservations& reservations;
  UnchangedRequests& unchanged;
};

// Begin, then Add for each write, then End; then the append of rows(), then Finish, then Settle. For one thread at a
// time; from End on the project's next group may be built on it by another.
class WriteGroup {
 public:
  // `before` (nullptr: none) is built and may not be appended yet: this one sees what it did, and is to be appended
  // after it, or not at all when its append fails. `editor` holds the project's trees at its head (with what `before`
  // did), or nothing yet; after a failure of this group it holds neither. `parts` and `editor` outlive it.
  WriteGroup(const WriteParts& parts, std::string project, std::unique_ptr<TreeEditor>& editor,
             std::shared_ptr<const WriteGroup> before);
  ~WriteGroup() { Settle(); }

  // UNAVAILABLE (INDEX_POSITION) when the index has not followed the journal.
  absl::Status Begin();

  // One write, built on those before. An error inside the StatusOr is the write's own; the outer one is the whole
  // group's. When `space` says why there is none it is the write's answer, unless that was done before.
  absl::StatusOr<absl::StatusOr<WriteResult>> Add(WriteRequest& request, const absl::Status& space);

  // After the last Add. `before` is let go.
  void End();

  // Nothing to append.
  bool empty() const { return append_.commits.empty() && append_.state.empty() && unchanged_.empty(); }

  // What the journal is to take.
  const CommitGroup& rows() const { return append_; }

  // After the append: locks and index follow. UNKNOWN (kIndexFailed) when the index cannot.
  absl::Status Finish();

  // When it is not appended, and will not be: contents that it gave a place leave it. Their uploads are as they were.
  void TakeBackContents();

  // Its record times are no longer under way: it is readable, or will never be.
  void Settle();

 private:
  struct PlacedUpload {
    std::shared_ptr<GitRepository> repository;
    std::string file;
    Oid oid;
  };

  absl::StatusOr<Micros> EffectiveTime(const WriteRequest& request, Micros record_time) const;
  // Of kinds that are counted: registers, deliverables, milestones and the like.
  absl::StatusOr<bool> HasRecords() const;
  absl::Status OpenEditor();
  // What the state rows say of a request that no commit knows: its answer, INVALID_ARGUMENT (REQUEST_ID_REUSED), or
  // nothing.
  std::optional<absl::StatusOr<WriteResult>> AnswerOfStateRows(const WriteRequest& request) const;
  void PutLocks(LockChanges locks);
  void ForgetUploads();
  void GiveUp(const std::vector<StagedContent>& contents);
  // For who asks again: what no commit tells. `lock`: the answer of a request about one.
  void Remember(const WriteRequest& request, const std::optional<v1::Lock>& lock = std::nullopt);
  std::optional<UnchangedRequest> FindUnchanged(const std::string& request_id) const;
  bool IsConsumed(const std::string& upload) const;
  // Gives a large content its place in the repository, before the append that names it or lets go of its upload.
  // Returns whether nothing lay there. NOT_FOUND (UPLOAD_NOT_FOUND) when another write consumed it.
  absl::StatusOr<bool> PlaceUpload(const StagedContent& content, PlacedUpload& place);
  absl::Status PlaceUploads(const std::vector<StagedContent>& contents);
  // Of contents that bring nothing new. What has the place may be damaged, or gone; these were hashed as they came.
  // They stay, whatever becomes of the group: the history names them.
  absl::Status PlaceGivenUp(const std::vector<StagedContent>& contents);
  bool HasPlaced(const Oid& oid) const;
  // All but the first `kept`.
  void TakeBackFrom(std::size_t kept);
  void IndexContents(const CommitFacts& facts, const std::vector<StagedContent>& contents);
  // Whether the principal made that commit, which the index has.
  absl::StatusOr<bool> IsAuthor(const v1::Principal& principal, std::int64_t sequence) const;
  // The answer that the request got when it was made the first time. What a commit made that is not under way any more
  // is not read, but `unread`. What is wrong with it is this request's alone.
  absl::StatusOr<WriteResult> Replay(const WriteRequest& request, const IndexBatch::RequestRow& seen) const;

  const WriteParts& parts_;
  const std::string project_;
  std::unique_ptr<TreeEditor>& editor_;
  std::shared_ptr<const WriteGroup> before_;
  IndexBatch batch_;
  GroupLocks locks_;
  CommitGroup append_;
  Oid expected_;
  Oid head_;
  ProjectMark mark_;
  Micros first_time_ = 0;
  Micros kept_time_ = 0;                                              // of its last commit, once that is readable
  std::vector<std::string> uploads_;                                  // that are consumed
  std::vector<PlacedUpload> placed_;                                  // where nothing was
  std::vector<StateChange> unchanged_;                                // rows of UnchangedRequests
  std::unordered_map<std::string, UnchangedRequest> unchanged_made_;  // those, by id
  std::unordered_map<std::int64_t, CommitFacts> made_;  // by sequence, for requests that are repeated at once
};

}  // namespace greffe
