#include "storage/store/committer.h"

#include <algorithm>
#include <chrono>
#include <utility>

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
// Rounds that wait for the disk at a time, beyond which the next one had better grow: one is synced, one is ready.
constexpr std::size_t kMostAppended = 2;

}  // namespace

// A project in a round.
struct Committer::Taken {
  Taken(const std::string& id, Project& owner) : project(owner), writes(id, owner.editor, owner.under_way) {}

  Project& project;
  ProjectWrites writes;
  std::int64_t bytes = 0;
  std::int64_t turn = 0;  // which of the project's groups it is
  // What goes with it: freeing that takes long.
  std::shared_ptr<WriteGroup> dropped;
  std::unique_ptr<TreeEditor> dropped_editor;
};

Committer::Committer(const StoreOptions& options, const WriteParts& parts, Notifier& notifier,
                     std::function<void(const absl::Status&)> fatal)
    : options_(options),
      parts_(parts),
      notifier_(notifier),
      fatal_(std::move(fatal)),
      most_rounds_(std::min<std::size_t>(static_cast<std::size_t>(options.committers),
                                         std::max(2U, std::thread::hardware_concurrency()))) {
  for (int i = 0; i < options.committers; ++i) {
    Worker& worker = workers_.emplace_back();
    worker.thread = std::thread([this, &worker] { Run(worker); });
  }
}

Committer::~Committer() { Close(); }

void Committer::Write(WriteRequest request, WriteDone done) {
  absl::Status refused;
  Worker* sleeper = nullptr;
  {
    std::unique_lock lock(mutex_);
    if (closing_) {
      refused = Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the server is stopping");
    } else if (const auto reason = quarantined_.find(request.project); reason != quarantined_.end()) {
      refused = reason->second;
    } else if (waiting_bytes_ > 0 && waiting_bytes_ + request.bytes > options_.queue_bytes) {
      refused = Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
                      std::to_string(waiting_bytes_) + " bytes of requests wait to be written; try again later",
                      {{"limit", "store.queue_bytes"}});
    } else {
      waiting_bytes_ += request.bytes;
      const std::string id = request.project;
      Project& project = projects_[id];
      project.queue.push_back({std::move(request), std::move(done)});
      const bool ready = MakeReady(id, project);
      if (ready && IsForCaller()) {
        caller_has_round_ = true;
        RunRound(lock);
        caller_has_round_ = false;
        if (closing_) WakeAll();
        return;
      }
      if (ready) sleeper = FindSleeper();
    }
  }
  if (!refused.ok()) done(refused);
  Wake(sleeper);
}

bool Committer::IsLarge(const WriteRequest& request) { return request.bulk || request.bytes > kSharedBytes; }

bool Committer::CanTakeSmall() const {
  return !ready_.empty() && built_rounds_ < most_rounds_ && appended_rounds_ < kMostAppended;
}

// Bulk takes seconds: as many such rounds as there are workers would hold up all others.
bool Committer::CanTakeLarge() const {
  return !ready_large_.empty() &&
         (large_rounds_ == 0 || large_rounds_ + 1 < static_cast<std::size_t>(options_.committers));
}

bool Committer::CanTake() const { return CanTakeSmall() || CanTakeLarge(); }

// Whoever has waited longer goes first.
bool Committer::NextIsLarge() const {
  if (!CanTakeSmall() || !CanTakeLarge()) return CanTakeLarge();
  return projects_.at(ready_large_.front()).ready_since < projects_.at(ready_.front()).ready_since;
}

bool Committer::IsForCaller() const {
  if (!disk_is_quick_ || caller_has_round_ || ready_.size() != 1 || !ready_large_.empty() ||
      built_rounds_ + appended_rounds_ != 0) {
    return false;
  }
  // Without its trees the repository may have to be opened, which can take long.
  const Project& project = projects_.at(ready_.front());
  return project.editor != nullptr && project.queue.front().request.by_caller;
}

Committer::Worker* Committer::FindSleeper() {
  if (sleepers_.empty() || !CanTake()) return nullptr;
  Worker* sleeper = sleepers_.back();
  sleepers_.pop_back();
  sleeper->woken = true;
  return sleeper;
}

// Without the mutex, which it would wait for at once.
void Committer::Wake(Worker* sleeper) {
  if (sleeper != nullptr) sleeper->event.notify_one();
}

void Committer::WakeAll() {
  for (Worker* sleeper : std::exchange(sleepers_, {})) {
    sleeper->woken = true;
    sleeper->event.notify_one();
  }
}

void Committer::Run(Worker& self) {
  NameThisThread("committer");
  std::unique_lock lock(mutex_);
  while (true) {
    while (!CanTake()) {
      if (closing_ && ready_.empty() && ready_large_.empty() && !caller_has_round_) return;
      self.woken = false;
      sleepers_.push_back(&self);
      self.event.wait(lock, [&self] { return self.woken; });
    }
    RunRound(lock);
    if (closing_) WakeAll();
  }
}

void Committer::RunRound(std::unique_lock<std::mutex>& lock) {
  const bool shared = !NextIsLarge();
  std::deque<Taken> round = Take(shared);
  built_rounds_ += shared ? 1 : 0;
  large_rounds_ += shared ? 0 : 1;
  Worker* sleeper = FindSleeper();
  lock.unlock();
  Wake(sleeper);
  Build(round);
  lock.lock();
  progress_event_.wait(lock, [this, &round] { return !AreUnderWay(round); });
  for (Taken& taken : round) PutBack(taken, shared);
  built_rounds_ -= shared ? 1 : 0;
  appended_rounds_ += shared ? 1 : 0;
  sleeper = FindSleeper();
  lock.unlock();
  Wake(sleeper);
  const bool appended =
      std::any_of(round.begin(), round.end(), [](const Taken& taken) { return taken.writes.group() != nullptr; });
  const auto begin = std::chrono::steady_clock::now();
  Append(round);
  const bool quick = std::chrono::steady_clock::now() - begin <= options_.quick_append;
  for (Taken& taken : round) taken.writes.Finish();
  lock.lock();
  for (Taken& taken : round) End(taken);
  appended_rounds_ -= shared ? 1 : 0;
  if (shared && appended) disk_is_quick_ = quick;
  progress_event_.notify_all();
  sleeper = FindSleeper();
  if (editor_entries_ > kMaxEditorEntries) DropIdleEditors();
  lock.unlock();
  Wake(sleeper);
  lock.lock();
  progress_event_.wait(lock, [this, &round] { return AreNextToBeAnswered(round); });
  lock.unlock();
  for (Taken& taken : round) taken.writes.Answer();
  lock.lock();
  for (Taken& taken : round) {
    ++taken.project.answered;
    ForgetIdle(taken.writes.project());
  }
  progress_event_.notify_all();
  lock.unlock();
  for (const Taken& taken : round) Tell(taken.writes);
  round.clear();  // not under the mutex: contents may hang on it
  lock.lock();
  large_rounds_ -= shared ? 0 : 1;
}

bool Committer::MakeReady(const std::string& id, Project& project) {
  if (project.queue.empty() || project.ready || project.in_round) return false;
  const bool is_large = IsLarge(project.queue.front().request);
  // Those who would share its round had to wait with it.
  if (project.under_way != nullptr && project.under_way_is_large && !is_large) return false;
  project.ready = true;
  project.ready_since = ++ready_count_;
  (is_large ? ready_large_ : ready_).push_back(id);
  return true;
}

std::deque<Committer::Taken> Committer::Take(bool shared) {
  // Those who are idle get their share, unless they would have to wait for the disk.
  const std::size_t idle = shared ? std::min(most_rounds_ - built_rounds_, kMostAppended) : 1;
  const std::size_t most = shared ? (ready_.size() + idle - 1) / idle : 1;
  const std::int64_t most_bytes = shared ? std::min(kSharedBytes, options_.group_bytes) : options_.group_bytes;
  std::deque<std::string>& ready = shared ? ready_ : ready_large_;
  std::deque<Taken> round;
  std::int64_t bytes = 0;
  int commits = 0;
  do {
    Taken& taken = round.emplace_back(ready.front(), projects_.at(ready.front()));
    ready.pop_front();
    taken.project.ready = false;
    taken.project.in_round = true;
    std::deque<WaitingWrite>& queue = taken.project.queue;
    while (!queue.empty() && commits < options_.group_commits &&
           (taken.writes.empty() || bytes + queue.front().request.bytes <= most_bytes)) {
      // It comes to the front of its project, and goes alone then.
      if (shared && !taken.writes.empty() && IsLarge(queue.front().request)) break;
      bytes += queue.front().request.bytes;
      taken.bytes += queue.front().request.bytes;
      ++commits;
      taken.writes.Take(std::move(queue.front()));
      queue.pop_front();
    }
  } while (round.size() < most && !ready.empty() && commits < options_.group_commits && bytes < kSharedBytes);
  return round;
}

bool Committer::AreUnderWay(const std::deque<Taken>& round) const {
  return std::any_of(round.begin(), round.end(), [](const Taken& taken) { return taken.project.under_way != nullptr; });
}

void Committer::PutBack(Taken& taken, bool shared) {
  Project& project = taken.project;
  taken.turn = project.groups++;
  absl::Status failed = std::exchange(project.failed, absl::OkStatus());
  if (FaultIsOn("failed-before-ignored")) failed = absl::OkStatus();
  if (!failed.ok() && taken.writes.status().ok()) {
    taken.writes.Fail(ProjectWrites::NotWrittenSince(failed));  // nothing of it was written
  }
  if (!failed.ok()) taken.writes.LetNoneStandAlone();
  if (taken.writes.status().ok()) {
    const std::int64_t entries = project.editor == nullptr ? 0 : project.editor->entry_count();
    editor_entries_ += entries - std::exchange(project.editor_entries, entries);
    project.under_way = taken.writes.group();
    project.under_way_is_large = !shared;
  } else {
    taken.dropped = taken.writes.DropGroup();
    DropEditor(project, taken);
  }
  project.in_round = false;
  MakeReady(taken.writes.project(), project);
}

void Committer::End(Taken& taken) {
  waiting_bytes_ -= taken.bytes;
  if (taken.writes.group() == nullptr) return;
  Project& project = taken.project;
  project.under_way.reset();
  if (!taken.writes.status().ok()) {
    // What is built on it by now fails with it; see PutBack.
    if (project.in_round) {
      project.failed = taken.writes.status();
    } else {
      DropEditor(project, taken);
    }
  }
  MakeReady(taken.writes.project(), project);
}

bool Committer::AreNextToBeAnswered(const std::deque<Taken>& round) const {
  if (FaultIsOn("answered-out-of-turn")) return true;
  return std::all_of(round.begin(), round.end(),
                     [](const Taken& taken) { return taken.project.answered == taken.turn; });
}

void Committer::DropEditor(Project& project, Taken& taken) {
  if (FaultIsOn("failed-group-kept")) return;
  editor_entries_ -= std::exchange(project.editor_entries, 0);
  taken.dropped_editor = std::move(project.editor);
}

bool Committer::IsIdle(const Project& project) {
  return !project.ready && !project.in_round && project.answered == project.groups;
}

// A name that was only asked about must not stay.
void Committer::ForgetIdle(const std::string& id) {
  const auto project = projects_.find(id);
  if (IsIdle(project->second) && project->second.editor == nullptr) projects_.erase(project);
}

void Committer::Build(std::deque<Taken>& round) {
  const absl::Status space = CheckSpace();
  for (Taken& taken : round) taken.writes.Build(parts_, space);
}

void Committer::Append(std::deque<Taken>& round) {
  std::vector<ProjectWrites*> writes;
  for (Taken& taken : round) writes.push_back(&taken.writes);
  ProjectWrites::Append(parts_.journal, writes);
}

void Committer::Tell(const ProjectWrites& writes) {
  const absl::Status& status = writes.status();
  if (writes.group() != nullptr && status.ok()) {
    if (appended_) appended_(writes.project());
    notifier_.Notify(writes.project());
  } else {
    // Commits of others that were made meanwhile may have waited for its record time.
    notifier_.NotifySettled();
  }
  if (ReasonOf(status) == kIndexFailed) fatal_(status);  // of itself the journal tells, whoever appended
}

void Committer::DropIdleEditors() {
  for (auto project = projects_.begin(); project != projects_.end();) {
    if (!IsIdle(project->second)) {
      ++project;
      continue;
    }
    editor_entries_ -= project->second.editor_entries;
    project = projects_.erase(project);
  }
}

absl::Status Committer::CheckSpace() const {
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t free, options_.uploads.free_space(options_.directory));
  if (free >= options_.reserve_bytes) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL",
               "the file system of '" + options_.directory + "' has " + std::to_string(free) +
                   " bytes left; writes need " + std::to_string(options_.reserve_bytes));
}

void Committer::Close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    WakeAll();
  }
  for (Worker& worker : workers_) {
    if (worker.thread.joinable()) worker.thread.join();
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
