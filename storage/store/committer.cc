#include "storage/store/committer.h"

#include <algorithm>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/base/this_thread.h"

namespace greffe {
namespace {

// Decoded tree entries kept over all projects; at about 100 bytes each.
constexpr std::int64_t kMaxEditorEntries = 2'000'000;
constexpr char kIndexFailed[] = "INDEX_FAILED";

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

}  // namespace

// The commits of one append.
class Committer::Group {
 public:
  Group(const Parts& parts, const std::string& project, std::unique_ptr<TreeEditor>& editor)
      : parts_(parts), project_(project), editor_(editor), batch_(parts.index), locks_(parts.locks) {
    append_.repository = project;
  }

  ~Group() {
    if (first_time_ != 0) parts_.timeline.Settle(first_time_);
  }

  absl::Status Begin() {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, parts_.journal.ReadHead(project_, kMainRef));
    GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, batch_.FindMark(project_));
    if (head) expected_ = head_ = head->target;
    mark_ = mark.value_or(ProjectMark{});
    if (mark_.commit != head_) {
      return Error(absl::StatusCode::kDataLoss, "INDEX_POSITION",
                   "index of project '" + project_ + "' is not at the journal's head; restart the server");
    }
    return absl::OkStatus();
  }

  // One write. An error inside a StatusOr is the write's own; the outer one is the whole group's.
  absl::StatusOr<absl::StatusOr<WriteResult>> Add(WriteRequest& request) {
    if (!request.request_id.empty()) {
      GREFFE_ASSIGN_OR_RETURN(const auto seen, batch_.FindRequest(project_, request.request_id));
      if (seen) return Replay(request, *seen);
    }
    const Micros record_time = parts_.timeline.Next(first_time_ == 0);
    if (first_time_ == 0) first_time_ = record_time;
    Transaction transaction(batch_, locks_, parts_.reservations, project_, request.principal, record_time);
    if (absl::Status acted = request.act(transaction); !acted.ok()) return absl::StatusOr<WriteResult>(acted);
    WriteResult nothing;
    nothing.seen_sequence = mark_.sequence;
    if (!transaction.HasEffects()) return absl::StatusOr<WriteResult>(std::move(nothing));
    const bool has_commit = transaction.HasCommit();
    Transaction::Effects effects = transaction.TakeEffects();
    for (const auto& [number, lock] : effects.locks) append_.state.push_back(LockTable::Row(project_, number, lock));
    locks_.Put(std::move(effects.locks));
    if (!has_commit) return absl::StatusOr<WriteResult>(std::move(nothing));

    CommitIntent intent;
    intent.parent = head_;
    intent.sequence = mark_.sequence + 1;
    intent.principal = request.principal;
    intent.record_time = record_time;
    intent.effective_time = EffectiveTime(request, record_time);
    intent.import = std::move(request.import);
    if (!request.request_id.empty()) intent.request = RequestMark{request.request_id, request.digest};
    if (editor_ == nullptr) GREFFE_RETURN_IF_ERROR(OpenEditor());

    std::vector<StagedContent> contents = effects.contents;  // shares the bytes
    for (const StagedContent& content : contents) {
      if (content.upload.empty()) continue;
      if (absl::Status placed = PlaceUpload(content); !placed.ok()) return absl::StatusOr<WriteResult>(placed);
    }
    for (const StagedContent& content : contents) {
      if (content.upload.empty()) continue;
      if (FaultIsOn("upload-row-kept")) continue;
      append_.state.push_back({Uploads::StateKey(project_, content.upload), std::nullopt});
      uploads_.push_back(content.upload);
    }
    GREFFE_ASSIGN_OR_RETURN(BuiltCommit built, BuildCommit(project_, std::move(intent), std::move(effects), *editor_));
    GREFFE_RETURN_IF_ERROR(batch_.Apply(built.facts));
    IndexContents(built.facts, contents);
    head_ = built.commit.commit;
    GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, batch_.FindMark(project_));
    mark_ = mark.value_or(ProjectMark{});
    append_.commits.push_back(std::move(built.commit));
    for (const TagMark& tag : built.facts.tags) {
      append_.refs.push_back({kTagPrefix + tag.name, Oid{}, tag.object, mark_.sequence});
    }
    WriteResult result = ResultOf(built.facts);
    if (!request.request_id.empty()) made_[result.sequence] = result;
    return absl::StatusOr<WriteResult>(std::move(result));
  }

  bool empty() const { return append_.commits.empty() && append_.state.empty(); }

  absl::Status Append() {
    if (!append_.commits.empty()) append_.refs.push_back({kMainRef, expected_, head_, mark_.sequence});
    GREFFE_RETURN_IF_ERROR(parts_.journal.Append(append_));
    if (!locks_.changes().empty()) parts_.locks.Put(project_, locks_.changes());
    if (append_.commits.empty()) return absl::OkStatus();
    if (FaultIsOn("answer-before-index")) return absl::OkStatus();
    // What is in the journal is true from here on. An index that cannot follow is brought forward at the next start,
    // and until then would answer wrongly.
    if (const absl::Status indexed = parts_.index.Write(batch_); !indexed.ok()) {
      return Error(absl::StatusCode::kUnknown, kIndexFailed,
                   "the write is durable, but the index could not follow: " + std::string(indexed.message()));
    }
    for (const std::string& upload : uploads_) parts_.uploads.Forget(project_, upload);
    return absl::OkStatus();
  }

 private:
  Micros EffectiveTime(const WriteRequest& request, Micros record_time) const {
    if (!request.import) return std::max(record_time, mark_.effective_time);
    // A source whose clock was ahead would otherwise hide what is recorded from now on until that time.
    const Micros claimed = std::min(request.import->commit_time, record_time);
    // A history that is imported into a project without documents brings its own beginning.
    if (mark_.document_count == 0 && mark_.version_count == 0) return claimed;
    return std::max(claimed, mark_.effective_time);
  }

  absl::Status OpenEditor() {
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

  // Gives a large content its place in the repository before the append names it.
  absl::Status PlaceUpload(const StagedContent& content) {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, parts_.objects.Repository(project_));
    const Oid oid = Oid::FromHex(content.file.oid()).value_or(Oid{});
    const absl::Status placed = repository->PlaceLooseObject(parts_.uploads.FilePath(project_, content.upload), oid);
    // Another write consumed it, or it was deleted, after this one was staged.
    if (absl::IsNotFound(placed)) return parts_.uploads.Get(project_, content.upload).status();
    return placed;
  }

  void IndexContents(const CommitFacts& facts, const std::vector<StagedContent>& contents) {
    for (const v1::Document& document : facts.documents) {
      const v1::Version& version = document.latest_version();
      if (version.sequence() != facts.change.sequence() || document.state() != v1::DOCUMENT_STATE_ACTIVE) continue;
      for (const StagedContent& content : contents) {
        if (content.data == nullptr || content.file.oid() != version.main_file().oid()) continue;
        if (static_cast<std::int64_t>(content.data->size()) > kMaxIndexedContentBytes) break;
        const std::string number = LastSegment(document.name());
        batch_.PutLatestContent(project_, number, version, *content.data);
        break;
      }
    }
  }

  absl::StatusOr<absl::StatusOr<WriteResult>> Replay(const WriteRequest& request, const IndexBatch::RequestRow& seen) {
    if (seen.digest != request.digest) {
      return absl::StatusOr<WriteResult>(InvalidField("request_id", "REQUEST_ID_REUSED",
                                                      "'" + request.request_id +
                                                          "' was used for another request of project '" + project_ +
                                                          "', which made commit " + std::to_string(seen.sequence)));
    }
    if (const auto found = made_.find(seen.sequence); found != made_.end()) {
      WriteResult result = found->second;
      result.replayed = true;
      return absl::StatusOr<WriteResult>(std::move(result));
    }
    v1::AsOf then;
    then.set_sequence(seen.sequence);
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, ProjectView::Open(parts_.index, project_, then));
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view.ListChanges(seen.sequence - 1, 1));
    WriteResult result;
    result.replayed = true;
    result.sequence = seen.sequence;
    result.seen_sequence = seen.sequence;
    for (const v1::Change& change : changes) {
      result.commit = change.commit();
      for (const v1::ChangeEntry& entry : change.entries()) {
        if (entry.resource() == ProjectName(project_)) {
          GREFFE_ASSIGN_OR_RETURN(result.project, view.GetProject());
          continue;
        }
        if (const auto document = ParseDocumentName(entry.resource()); document.ok()) {
          GREFFE_ASSIGN_OR_RETURN(result.documents.emplace_back(), view.GetDocument(document->number));
          continue;
        }
        GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(entry.resource()));
        GREFFE_ASSIGN_OR_RETURN(RecordPtr record, view.FindRecord(*FindRecordKind(name.collection), name.id));
        if (record != nullptr) result.records.push_back(std::move(record));
      }
    }
    return absl::StatusOr<WriteResult>(std::move(result));
  }

  const Parts& parts_;
  const std::string& project_;
  std::unique_ptr<TreeEditor>& editor_;
  IndexBatch batch_;
  GroupLocks locks_;
  CommitGroup append_;
  Oid expected_;
  Oid head_;
  ProjectMark mark_;
  Micros first_time_ = 0;
  std::vector<std::string> uploads_;
  std::unordered_map<std::int64_t, WriteResult> made_;  // by sequence, for requests that are repeated at once
};

Committer::Committer(const StoreOptions& options, Parts parts, std::function<void(const absl::Status&)> fatal)
    : options_(options), parts_(parts), fatal_(std::move(fatal)) {
  for (int i = 0; i < options.committers; ++i) threads_.emplace_back([this] { Run(); });
}

Committer::~Committer() { Close(); }

void Committer::Write(WriteRequest request, WriteDone done) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) {
      refused = Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the server is stopping");
    } else if (const auto reason = quarantined_.find(request.project); reason != quarantined_.end()) {
      refused = reason->second;
    } else if (waiting_bytes_ > 0 && waiting_bytes_ + request.bytes > options_.queue_bytes) {
      refused = Error(absl::StatusCode::kResourceExhausted, "WRITE_QUEUE_FULL",
                      std::to_string(waiting_bytes_) + " bytes of content wait to be written; try again later");
    } else {
      waiting_bytes_ += request.bytes;
      const std::string id = request.project;
      Project& project = projects_[id];
      project.queue.push_back({std::move(request), std::move(done)});
      if (!project.scheduled) {
        project.scheduled = true;
        ready_.push_back(id);
        ready_event_.notify_one();
      }
      return;
    }
  }
  done(refused);
}

void Committer::Run() {
  NameThisThread("committer");
  std::unique_lock lock(mutex_);
  while (true) {
    ready_event_.wait(lock, [this] { return closing_ || !ready_.empty(); });
    if (ready_.empty()) return;
    const std::string id = std::move(ready_.front());
    ready_.pop_front();
    Project& project = projects_[id];
    std::vector<Waiting> group;
    std::int64_t bytes = 0;
    while (!project.queue.empty() && static_cast<int>(group.size()) < options_.group_commits &&
           (group.empty() || bytes + project.queue.front().request.bytes <= options_.group_bytes)) {
      bytes += project.queue.front().request.bytes;
      group.push_back(std::move(project.queue.front()));
      project.queue.pop_front();
    }
    lock.unlock();
    Commit(id, project, std::move(group));
    lock.lock();
    waiting_bytes_ -= bytes;
    if (!project.queue.empty()) {
      ready_.push_back(id);
      ready_event_.notify_one();
      continue;
    }
    project.scheduled = false;
    // A name that was only asked about must not stay.
    if (project.editor == nullptr) projects_.erase(id);
    if (editor_entries_ > kMaxEditorEntries) DropIdleEditors();
  }
}

void Committer::Commit(const std::string& id, Project& project, std::vector<Waiting> waiting) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(waiting.size());
  const std::int64_t entries_before = project.editor == nullptr ? 0 : project.editor->entry_count();
  absl::Status status = CheckSpace();
  bool appended = false;
  {
    Group group(parts_, id, project.editor);
    if (status.ok()) status = group.Begin();
    for (Waiting& write : waiting) {
      if (!status.ok()) break;
      absl::StatusOr<absl::StatusOr<WriteResult>> result = group.Add(write.request);
      status = result.status();
      if (status.ok()) outcomes.push_back({std::move(write.done), *std::move(result)});
    }
    if (status.ok() && FaultIsOn("answer-before-append")) {
      for (Outcome& outcome : outcomes) outcome.done(std::exchange(outcome.result, absl::AbortedError("answered")));
      for (Outcome& outcome : outcomes) outcome.done = [](const absl::StatusOr<WriteResult>&) {};
    }
    if (status.ok() && !group.empty()) {
      status = group.Append();
      appended = status.ok();
    }
    if (!status.ok() && !FaultIsOn("failed-group-kept")) project.editor.reset();
  }
  const std::int64_t entries_after = project.editor == nullptr ? 0 : project.editor->entry_count();
  editor_entries_ += entries_after - entries_before;
  if (appended) {
    if (appended_) appended_(id);
    parts_.notifier.Notify(id);
  }
  // The group is whole or not at all; a refusal does not depend on it.
  for (Outcome& outcome : outcomes) {
    outcome.done(status.ok() || !outcome.result.ok() ? std::move(outcome.result) : absl::StatusOr<WriteResult>(status));
  }
  for (std::size_t i = outcomes.size(); i < waiting.size(); ++i) waiting[i].done(status);
  if (absl::IsUnknown(status) && (!parts_.journal.Health().ok() || ReasonOf(status) == kIndexFailed)) fatal_(status);
}

void Committer::DropIdleEditors() {
  for (auto project = projects_.begin(); project != projects_.end();) {
    if (project->second.scheduled) {
      ++project;
      continue;
    }
    if (project->second.editor != nullptr) editor_entries_ -= project->second.editor->entry_count();
    project = projects_.erase(project);
  }
}

absl::Status Committer::CheckSpace() const {
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t free, FreeSpace(options_.directory));
  if (free >= options_.reserve_bytes) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL",
               "the file system of '" + options_.directory + "' has " + std::to_string(free) +
                   " bytes left; writes need " + std::to_string(options_.reserve_bytes));
}

void Committer::Close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    ready_event_.notify_all();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool Committer::Quarantine(const std::string& project, absl::Status reason) {
  const std::lock_guard lock(mutex_);
  return quarantined_.try_emplace(project, std::move(reason)).second;
}

std::vector<std::string> Committer::Quarantined() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, reason] : quarantined_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status Committer::Writable() const {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the server is stopping");
  }
  GREFFE_RETURN_IF_ERROR(parts_.journal.Health());
  return CheckSpace();
}

}  // namespace greffe
