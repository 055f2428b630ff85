#include "storage/store/committer.h"

#include <algorithm>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/this_thread.h"

namespace greffe {
namespace {

// Decoded tree entries kept over all projects; at about 100 bytes each.
constexpr std::int64_t kMaxEditorEntries = 2'000'000;
// Writes that share an append with those of other projects hold less than this together; what holds more, or is bulk,
// goes by itself, so that nobody waits for another one's.
constexpr std::int64_t kSharedBytes = 64 << 10;

}  // namespace

// The writes of one project in a round, and what became of them.
struct Committer::Taken {
  Taken(std::string name, Project& owner) : id(std::move(name)), project(owner) {}

  const std::string id;
  Project& project;
  std::vector<Waiting> waiting;
  std::int64_t bytes = 0;
  std::int64_t editor_entries = 0;  // before the round
  std::unique_ptr<WriteGroup> group;
  absl::Status status;
  std::vector<Outcome> outcomes;
};

Committer::Committer(const StoreOptions& options, const WriteParts& parts, Notifier& notifier,
                     std::function<void(const absl::Status&)> fatal)
    : options_(options),
      parts_(parts),
      notifier_(notifier),
      fatal_(std::move(fatal)),
      most_rounds_(std::min<std::size_t>(static_cast<std::size_t>(options.committers),
                                         std::max(2U, std::thread::hardware_concurrency()))) {
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
        if (CanTake()) ready_event_.notify_one();
      }
      return;
    }
  }
  done(refused);
}

bool Committer::IsLarge(const WriteRequest& request) { return request.bulk || request.bytes > kSharedBytes; }

bool Committer::NextIsLarge() const {
  const std::deque<Waiting>& queue = projects_.at(ready_.front()).queue;
  return !queue.empty() && IsLarge(queue.front().request);
}

bool Committer::CanTake() const { return !ready_.empty() && (shared_rounds_ < most_rounds_ || NextIsLarge()); }

void Committer::Run() {
  NameThisThread("committer");
  std::unique_lock lock(mutex_);
  while (true) {
    ready_event_.wait(lock, [this] { return CanTake() || (closing_ && ready_.empty()); });
    if (ready_.empty()) return;
    const bool shared = !NextIsLarge();
    std::deque<Taken> round = Take(shared);
    shared_rounds_ += shared ? 1 : 0;
    if (CanTake()) ready_event_.notify_one();
    lock.unlock();
    Commit(round);
    lock.lock();
    shared_rounds_ -= shared ? 1 : 0;
    for (Taken& taken : round) PutBack(taken);
    if (closing_) ready_event_.notify_all();
    if (editor_entries_ > kMaxEditorEntries) DropIdleEditors();
  }
}

std::deque<Committer::Taken> Committer::Take(bool shared) {
  // Those who are idle get their share.
  const std::size_t idle = shared ? most_rounds_ - shared_rounds_ : 1;
  const std::size_t most = shared ? (ready_.size() + idle - 1) / idle : 1;
  const std::int64_t most_bytes = shared ? std::min(kSharedBytes, options_.group_bytes) : options_.group_bytes;
  std::deque<Taken> round;
  std::int64_t bytes = 0;
  int commits = 0;
  do {
    Taken& taken = round.emplace_back(ready_.front(), projects_.at(ready_.front()));
    ready_.pop_front();
    std::deque<Waiting>& queue = taken.project.queue;
    while (!queue.empty() && commits < options_.group_commits &&
           (taken.waiting.empty() || bytes + queue.front().request.bytes <= most_bytes)) {
      // It comes to the front of its project, and goes alone then.
      if (shared && !taken.waiting.empty() && IsLarge(queue.front().request)) break;
      bytes += queue.front().request.bytes;
      taken.bytes += queue.front().request.bytes;
      ++commits;
      taken.waiting.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  } while (round.size() < most && !ready_.empty() && commits < options_.group_commits && bytes < kSharedBytes &&
           !NextIsLarge());
  return round;
}

void Committer::PutBack(Taken& taken) {
  waiting_bytes_ -= taken.bytes;
  if (!taken.project.queue.empty()) {
    ready_.push_back(taken.id);
    return;
  }
  taken.project.scheduled = false;
  // A name that was only asked about must not stay.
  if (taken.project.editor == nullptr) projects_.erase(taken.id);
}

void Committer::Commit(std::deque<Taken>& round) {
  const absl::Status space = CheckSpace();
  for (Taken& taken : round) {
    taken.status = space;
    Build(taken);
    // Its record times are no longer under way: those who wait for that are woken for what the others append.
    if (!taken.status.ok() || taken.group->empty()) taken.group.reset();
  }
  Append(round);
  for (Taken& taken : round) Answer(taken);
}

void Committer::Build(Taken& taken) {
  taken.outcomes.reserve(taken.waiting.size());
  taken.editor_entries = taken.project.editor == nullptr ? 0 : taken.project.editor->entry_count();
  taken.group = std::make_unique<WriteGroup>(parts_, taken.id, taken.project.editor);
  if (taken.status.ok()) taken.status = taken.group->Begin();
  for (Waiting& write : taken.waiting) {
    if (!taken.status.ok()) return;
    absl::StatusOr<absl::StatusOr<WriteResult>> result = taken.group->Add(write.request);
    taken.status = result.status();
    if (taken.status.ok()) taken.outcomes.push_back({std::move(write.done), *std::move(result)});
  }
  if (taken.status.ok() && FaultIsOn("answer-before-append")) {
    for (Outcome& outcome : taken.outcomes) {
      outcome.done(std::exchange(outcome.result, absl::AbortedError("answered")));
      outcome.done = [](const absl::StatusOr<WriteResult>&) {};
    }
  }
}

void Committer::Append(std::deque<Taken>& round) {
  std::vector<Taken*> appended;
  std::vector<const CommitGroup*> rows;
  for (Taken& taken : round) {
    if (taken.group == nullptr) continue;
    appended.push_back(&taken);
    rows.push_back(&taken.group->Rows());
  }
  if (rows.empty()) return;
  const absl::Status status = parts_.journal.Append(rows);
  // What is wrong with the rows of one project is no matter of the others; nothing was written then.
  const bool again = !status.ok() && rows.size() > 1 && !absl::IsUnknown(status) && !absl::IsResourceExhausted(status);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    appended[i]->status = again ? parts_.journal.Append({&rows[i], 1}) : status;
  }
}

void Committer::Answer(Taken& taken) {
  const bool changed = taken.status.ok() && taken.group != nullptr;
  if (changed) taken.status = taken.group->Finish();
  taken.group.reset();
  const absl::Status& status = taken.status;
  if (!status.ok() && !FaultIsOn("failed-group-kept")) taken.project.editor.reset();
  const std::int64_t entries = taken.project.editor == nullptr ? 0 : taken.project.editor->entry_count();
  editor_entries_ += entries - taken.editor_entries;
  if (changed && status.ok()) {
    if (appended_) appended_(taken.id);
    notifier_.Notify(taken.id);
  }
  // The group is whole or not at all; a refusal does not depend on it.
  for (Outcome& outcome : taken.outcomes) {
    outcome.done(status.ok() || !outcome.result.ok() ? std::move(outcome.result) : absl::StatusOr<WriteResult>(status));
  }
  for (std::size_t i = taken.outcomes.size(); i < taken.waiting.size(); ++i) taken.waiting[i].done(status);
  // Here, not under the mutex: contents may hang on them.
  taken.outcomes.clear();
  taken.waiting.clear();
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
