#include "storage/store/write_group.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/record_kinds.h"
#include "storage/base/record_layout.h"
#include "storage/base/tally_rules.h"
#include "storage/index/project_view.h"
#include "storage/store/request_digest.h"

namespace greffe {
namespace {

WriteResult ResultOf(const CommitFacts& facts) {
  WriteResult result;
  result.sequence = facts.change.sequence();
  result.seen_sequence = result.sequence;
  result.commit = facts.change.commit();
  result.project = facts.project_record;
  result.documents = facts.documents;
  for (const RecordChange& change : facts.records) {
    if (change.record != nullptr) result.records.push_back(change.record);
  }
  return result;
}

std::string CallersDigest(const WriteRequest& request) {
  return greffe::CallersDigest(request.principal, request.digest);
}

std::optional<v1::Lock> AnsweredLock(const UnchangedRequest& request) {
  v1::Lock lock;
  if (request.lock.empty() || !lock.ParseFromString(request.lock)) return std::nullopt;
  return lock;
}

absl::Status UsedOtherwise(const WriteRequest& request, const std::string& what_it_did) {
  return InvalidField("request_id", "REQUEST_ID_REUSED",
                      "'" + request.request_id + "' was used for another request, or by another caller, in project '" +
                          request.project + "', " + what_it_did);
}

}  // namespace

WriteGroup::WriteGroup(const WriteParts& parts, std::string project, std::unique_ptr<TreeEditor>& editor,
                       std::shared_ptr<const WriteGroup> before)
    : parts_(parts),
      project_(std::move(project)),
      editor_(editor),
      before_(std::move(before)),
      batch_(parts.index, before_ == nullptr || FaultIsOn("before-forgotten") ? nullptr : &before_->batch_),
      locks_(parts.locks, before_ == nullptr ? nullptr : &before_->locks_) {
  append_.repository = project_;
}

absl::Status WriteGroup::Begin() {
  if (before_ != nullptr) {
    expected_ = head_ = before_->head_;
    mark_ = before_->mark_;
    return absl::OkStatus();
  }
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, parts_.journal.ReadHead(project_, kMainRef));
  GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, batch_.FindMark(project_));
  if (head) expected_ = head_ = head->target;
  mark_ = mark.value_or(ProjectMark{});
  if (mark_.commit != head_) {
    // An index that could not follow stops the server; the next start brings it forward.
    return Error(absl::StatusCode::kUnavailable, "INDEX_POSITION",
                 "index of project '" + project_ + "' is not at the journal's head; the server starts again");
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::StatusOr<WriteResult>> WriteGroup::Add(WriteRequest& request, const absl::Status& space) {
  if (!request.request_id.empty()) {
    GREFFE_ASSIGN_OR_RETURN(const auto seen, batch_.FindRequest(project_, request.request_id));
    if (seen) return absl::StatusOr<absl::StatusOr<WriteResult>>(Replay(request, *seen));
    if (auto answer = AnswerOfStateRows(request)) return *std::move(answer);
  }
  if (!space.ok()) return absl::StatusOr<WriteResult>(space);
  const Micros record_time = parts_.timeline.Next(first_time_);
  if (first_time_ == 0) first_time_ = record_time;
  Transaction transaction(batch_, locks_, parts_.reservations, project_, request.principal, record_time,
                          parts_.timeline.Now());
  if (absl::Status acted = request.act(transaction); !acted.ok()) return absl::StatusOr<WriteResult>(acted);
  if (absl::Status fits = transaction.CheckBytes(); !fits.ok()) return absl::StatusOr<WriteResult>(fits);
  WriteResult nothing;
  nothing.seen_sequence = mark_.sequence;
  if (!transaction.HasEffects()) {
    Remember(request);
    return absl::StatusOr<WriteResult>(std::move(nothing));
  }
  const bool has_commit = transaction.HasCommit();
  Transaction::Effects effects = transaction.TakeEffects();
  if (!has_commit) {
    if (absl::Status placed = PlaceGivenUp(effects.given_up); !placed.ok()) return absl::StatusOr<WriteResult>(placed);
    PutLocks(std::move(effects.locks));
    GiveUp(effects.given_up);
    nothing.lock = std::move(effects.asked_lock);
    Remember(request, nothing.lock);
    return absl::StatusOr<WriteResult>(std::move(nothing));
  }

  CommitIntent intent;
  intent.parent = head_;
  intent.sequence = mark_.sequence + 1;
  intent.principal = request.principal;
  intent.record_time = record_time;
  GREFFE_ASSIGN_OR_RETURN(intent.effective_time, EffectiveTime(request, record_time));
  intent.import = std::move(request.import);
  if (!request.request_id.empty()) intent.request = RequestMark{request.request_id, CallersDigest(request)};
  if (editor_ == nullptr) GREFFE_RETURN_IF_ERROR(OpenEditor());

  const std::size_t placed_before = placed_.size();
  absl::Status placed = PlaceUploads(effects.contents);
  if (placed.ok()) placed = PlaceGivenUp(effects.given_up);
  if (!placed.ok()) {
    TakeBackFrom(placed_before);
    return absl::StatusOr<WriteResult>(placed);
  }
  // From here on it is not refused any more.
  PutLocks(std::move(effects.locks));
  for (const StagedContent& content : effects.contents) {
    if (content.upload.empty()) continue;
    if (FaultIsOn("upload-row-kept")) continue;
    append_.state.push_back({Uploads::StateKey(project_, content.upload), std::nullopt});
    uploads_.push_back(content.upload);
  }
  GiveUp(effects.given_up);
  std::optional<v1::Lock> lock = std::move(effects.asked_lock);
  GREFFE_ASSIGN_OR_RETURN(BuiltCommit built, BuildCommit(project_, std::move(intent), std::move(effects), *editor_));
  GREFFE_RETURN_IF_ERROR(batch_.Apply(built.facts));
  IndexContents(built.facts, built.contents);
  head_ = built.commit.commit;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, batch_.FindMark(project_));
  mark_ = mark.value_or(ProjectMark{});
  append_.commits.push_back(std::move(built.commit));
  for (const TagMark& tag : built.facts.tags) {
    append_.refs.push_back({kTagPrefix + tag.name, Oid{}, tag.object, mark_.sequence});
  }
  WriteResult result = ResultOf(built.facts);
  result.lock = std::move(lock);
  if (result.lock) Remember(request, result.lock);  // the commit does not tell it
  if (!request.request_id.empty()) made_.emplace(result.sequence, std::move(built.facts));
  return absl::StatusOr<WriteResult>(std::move(result));
}

std::optional<absl::StatusOr<WriteResult>> WriteGroup::AnswerOfStateRows(const WriteRequest& request) const {
  const std::optional<UnchangedRequest> unchanged = FindUnchanged(request.request_id);
  // A history that was put back from an earlier copy may end before what it saw.
  if (!unchanged || unchanged->sequence > mark_.sequence) return std::nullopt;
  // Rows that are older than callers' digests do not say whose they are.
  if (unchanged->digest != CallersDigest(request) && unchanged->digest != request.digest) {
    return UsedOtherwise(request, unchanged->lock.empty() ? "which changed nothing" : "about a lock");
  }
  WriteResult result;
  result.replayed = true;
  result.seen_sequence = unchanged->sequence;
  result.lock = AnsweredLock(*unchanged);
  if (!result.lock) result.unread = project_;  // by its answer, a document for each of its items
  return result;
}

void WriteGroup::PutLocks(LockChanges locks) {
  for (const auto& [number, lock] : locks) append_.state.push_back(LockTable::Row(project_, number, lock));
  locks_.Put(std::move(locks));
}

void WriteGroup::GiveUp(const std::vector<StagedContent>& contents) {
  for (const StagedContent& content : contents) {
    append_.state.push_back({Uploads::StateKey(project_, content.upload), std::nullopt});
    uploads_.push_back(content.upload);
  }
}

std::optional<UnchangedRequest> WriteGroup::FindUnchanged(const std::string& request_id) const {
  for (const WriteGroup* group : {this, before_.get()}) {
    if (group == nullptr) continue;
    const auto found = group->unchanged_made_.find(request_id);
    if (found != group->unchanged_made_.end()) return found->second;
  }
  return parts_.unchanged.Find(project_, request_id);
}

// Done again behind other writes, it might change something.
void WriteGroup::Remember(const WriteRequest& request, const std::optional<v1::Lock>& lock) {
  if (request.request_id.empty()) return;
  const UnchangedRequest unchanged = {mark_.sequence, parts_.ages.Now(), CallersDigest(request),
                                      lock ? lock->SerializeAsString() : ""};
  unchanged_made_[request.request_id] = unchanged;
  unchanged_.push_back(UnchangedRequests::Row(project_, request.request_id, unchanged));
}

void WriteGroup::End() {
  if (!locks_.changes().empty()) PutLocks(locks_.Forget(project_, parts_.ages.Now()));
  if (!unchanged_.empty()) {
    for (StateChange& gone : parts_.unchanged.Oldest(unchanged_.size())) unchanged_.push_back(std::move(gone));
    append_.state.insert(append_.state.end(), unchanged_.begin(), unchanged_.end());
  }
  if (!append_.commits.empty()) append_.refs.push_back({kMainRef, expected_, head_, mark_.sequence});
  batch_.LetGoOfBefore();
  locks_.LetGoOfBefore();
  before_.reset();
}

void WriteGroup::Settle() {
  if (first_time_ != 0) parts_.timeline.Settle(std::exchange(first_time_, 0), kept_time_);
}

absl::Status WriteGroup::Finish() {
  if (!locks_.changes().empty()) parts_.locks.Put(project_, locks_.changes());
  // Before their uploads are forgotten: who does not find one is answered from here.
  if (!unchanged_.empty()) parts_.unchanged.Put(unchanged_);
  if (append_.commits.empty()) {
    ForgetUploads();
    return absl::OkStatus();
  }
  if (FaultIsOn("answer-before-index")) return absl::OkStatus();
  // What is in the journal is true from here on. An index that cannot follow is brought forward at the next start,
  // and until then would answer wrongly.
  if (const absl::Status indexed = parts_.index.WriteAndKeep(batch_); !indexed.ok()) {
    return Error(absl::StatusCode::kUnknown, kIndexFailed,
                 "the write is durable, but the index could not follow: " + std::string(indexed.message()));
  }
  kept_time_ = append_.commits.back().record_time;
  ForgetUploads();
  return absl::OkStatus();
}

void WriteGroup::ForgetUploads() {
  for (const std::string& upload : uploads_) parts_.uploads.Forget(project_, upload);
}

absl::StatusOr<Micros> WriteGroup::EffectiveTime(const WriteRequest& request, Micros record_time) const {
  if (!request.import) return std::max(record_time, mark_.effective_time);
  // A source whose clock was ahead would otherwise hide what is recorded from now on until that time.
  const Micros claimed = std::min(request.import->commit_time, record_time);
  // A history that is imported into a project without documents and registers brings its own beginning: nothing of
  // what is asked for as of a time came before it.
  if (mark_.document_count == 0 && mark_.version_count == 0) {
    GREFFE_ASSIGN_OR_RETURN(const bool recorded, HasRecords());
    if (!recorded) return claimed;
  }
  return std::max(claimed, mark_.effective_time);
}

absl::StatusOr<bool> WriteGroup::HasRecords() const {
  for (const RecordKind& kind : RecordKinds()) {
    if (!IsCounted(kind)) continue;
    GREFFE_ASSIGN_OR_RETURN(const Tally tally, batch_.FindTally(project_, kind.collection));
    if (!tally.counts.empty()) return true;
  }
  return false;
}

absl::Status WriteGroup::OpenEditor() {
  Oid tree;
  if (!head_.IsZero()) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject object, parts_.objects.Read(project_, head_));
    GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object.data));
    tree = commit.tree;
  }
  editor_ = std::make_unique<TreeEditor>(
      tree, [&objects = parts_.objects, project = project_](const Oid& oid) { return objects.Read(project, oid); });
  return absl::OkStatus();
}

bool WriteGroup::IsConsumed(const std::string& upload) const {
  const auto has = [&upload](const WriteGroup& group) {
    return std::find(group.uploads_.begin(), group.uploads_.end(), upload) != group.uploads_.end();
  };
  return has(*this) || (before_ != nullptr && has(*before_));
}

absl::StatusOr<bool> WriteGroup::PlaceUpload(const StagedContent& content, PlacedUpload& place) {
  if (IsConsumed(content.upload)) return Uploads::NotFound(project_, content.upload);
  GREFFE_ASSIGN_OR_RETURN(place.repository, parts_.objects.Repository(project_));
  place.file = parts_.uploads.FilePath(project_, content.upload);
  place.oid = Oid::FromHex(content.file.oid()).value_or(Oid{});
  const Sha256 sha256 = Sha256::FromHex(content.file.sha256()).value_or(Sha256{});
  const absl::StatusOr<bool> placed = place.repository->PlaceLooseObject(place.file, {place.oid, sha256});
  if (!absl::IsNotFound(placed.status())) return placed;
  // Another write consumed it, or it was deleted, after this one was staged: who does that forgets it before its file.
  GREFFE_RETURN_IF_ERROR(parts_.uploads.Get(project_, content.upload).status());
  return Damaged("upload '" + content.upload + "' of project '" + project_ + "'",
                 "'" + place.file + "' cannot be given its place: " + std::string(placed.status().message()));
}

absl::Status WriteGroup::PlaceUploads(const std::vector<StagedContent>& contents) {
  for (const StagedContent& content : contents) {
    if (content.upload.empty()) continue;
    PlacedUpload place;
    GREFFE_ASSIGN_OR_RETURN(const bool is_new, PlaceUpload(content, place));
    if (is_new) placed_.push_back(std::move(place));
  }
  return absl::OkStatus();
}

absl::Status WriteGroup::PlaceGivenUp(const std::vector<StagedContent>& contents) {
  for (const StagedContent& content : contents) {
    // It is there by a write that may fail yet, and would not be taken back any more.
    if (HasPlaced(Oid::FromHex(content.file.oid()).value_or(Oid{}))) continue;
    PlacedUpload place;
    GREFFE_RETURN_IF_ERROR(PlaceUpload(content, place).status());
  }
  return absl::OkStatus();
}

bool WriteGroup::HasPlaced(const Oid& oid) const {
  const auto has = [&oid](const WriteGroup& group) {
    return std::any_of(group.placed_.begin(), group.placed_.end(),
                       [&oid](const PlacedUpload& place) { return place.oid == oid; });
  };
  return has(*this) || (before_ != nullptr && has(*before_));
}

void WriteGroup::TakeBackFrom(std::size_t kept) {
  for (; placed_.size() > kept; placed_.pop_back()) {
    placed_.back().repository->TakeBackLooseObject(placed_.back().file, placed_.back().oid);
  }
}

void WriteGroup::TakeBackContents() { TakeBackFrom(0); }

void WriteGroup::IndexContents(const CommitFacts& facts, const std::vector<StagedContent>& contents) {
  absl::flat_hash_map<std::string, const StagedContent*> by_oid;
  for (const StagedContent& content : contents) {
    if (content.data == nullptr || static_cast<std::int64_t>(content.data->size()) > kMaxIndexedContentBytes) continue;
    by_oid.try_emplace(content.file.oid(), &content);
  }
  if (by_oid.empty()) return;
  for (const v1::Document& document : facts.documents) {
    const v1::Version& version = document.latest_version();
    if (version.sequence() != facts.change.sequence() || document.state() != v1::DOCUMENT_STATE_ACTIVE) continue;
    const auto found = by_oid.find(version.main_file().oid());
    if (found == by_oid.end()) continue;
    batch_.PutLatestContent(project_, LastSegment(document.name()), version, *found->second->data);
  }
}

absl::StatusOr<bool> WriteGroup::IsAuthor(const v1::Principal& principal, std::int64_t sequence) const {
  v1::AsOf as_of;
  as_of.set_sequence(sequence);
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, ProjectView::Open(parts_.index, project_, as_of));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view.ListChanges(sequence - 1, 1));
  return !changes.empty() && changes.front().author().id() == principal.id();
}

absl::StatusOr<WriteResult> WriteGroup::Replay(const WriteRequest& request, const IndexBatch::RequestRow& seen) const {
  if (seen.digest != CallersDigest(request)) {
    // Once commits had the digest of the request alone; whose it was their author tells.
    bool is_former = seen.digest == request.digest;
    if (is_former) {
      GREFFE_ASSIGN_OR_RETURN(is_former, IsAuthor(request.principal, seen.sequence));
    }
    if (!is_former) return UsedOtherwise(request, "which made commit " + std::to_string(seen.sequence));
  }
  std::optional<v1::Lock> lock;
  if (const auto known = FindUnchanged(request.request_id)) lock = AnsweredLock(*known);
  for (const WriteGroup* group : {static_cast<const WriteGroup*>(this), before_.get()}) {
    if (group == nullptr) continue;
    const auto found = group->made_.find(seen.sequence);
    if (found == group->made_.end()) continue;
    WriteResult result = ResultOf(found->second);
    result.replayed = true;
    result.lock = std::move(lock);
    return result;
  }
  WriteResult result;
  result.replayed = true;
  result.lock = std::move(lock);
  result.sequence = seen.sequence;
  result.seen_sequence = seen.sequence;
  result.unread = project_;
  return result;
}

}  // namespace greffe
