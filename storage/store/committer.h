// Makes commits out of waiting writes: a queue a project, taken in rounds of one or several projects, one append a
// round. While a round is appended, the next ones are built: a project has one group that is built and one that is
// appended at most.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "storage/git/tree_editor.h"
#include "storage/store/notifier.h"
#include "storage/store/project_writes.h"
#include "storage/store/store.h"
#include "storage/store/write_group.h"

namespace greffe {

// Thread-safe.
class Committer {
 public:
  // `fatal` is called when the outcome of an append is unknown.
  Committer(const StoreOptions& options, const WriteParts& parts, Notifier& notifier,
            std::function<void(const absl::Status&)> fatal);
  ~Committer();

  // Writes of a project are done, and answered, in the order in which they came. A small one that comes when nothing
  // else is to do is done by the calling thread, if it may (WriteRequest::by_caller), the disk is quick, and the
  // project's trees are at hand: to wake another one, on a processor that has none of it in its caches, takes as long
  // as the work itself. Not to be called while this is destroyed, though `done` was called.
  void Write(WriteRequest request, WriteDone done);

  // Refuses what comes from now on, finishes what waits.
  void Close();

  // Writes to the project fail with `reason` from now on; false: they did already.
  bool Quarantine(const std::string& project, absl::Status reason);
  std::vector<std::string> Quarantined() const;

  // OK, or why writes are refused.
  absl::Status Writable() const;

  // Called after each append to a project, on the thread that made it, without a lock. Set before the first write.
  void OnAppend(std::function<void(const std::string& project)> appended) { appended_ = std::move(appended); }

 private:
  struct Project {
    std::deque<WaitingWrite> queue;
    bool in_round = false;                        // until that is built
    bool ready = false;                           // it is in `ready_` or `ready_large_`
    std::int64_t ready_since = 0;                 // a number that grows
    std::unique_ptr<TreeEditor> editor;           // of the round that has it
    std::int64_t editor_entries = 0;              // when it was last seen
    std::shared_ptr<const WriteGroup> under_way;  // built, not appended yet
    bool under_way_is_large = false;
    absl::Status failed;        // how that went, when the round that has it was built on it
    std::int64_t groups = 0;    // that were built
    std::int64_t answered = 0;  // of these
  };
  struct Taken;
  struct Worker {
    std::condition_variable event;
    bool woken = false;
    std::thread thread;
  };

  void Run(Worker& self);
  // The next round, from its taking until all of it is told. Gives up the lock meanwhile.
  void RunRound(std::unique_lock<std::mutex>& lock);
  // Under the mutex: whether the caller of Write does what it brought.
  bool IsForCaller() const;
  // Under the mutex: one that sleeps and is to be woken (Wake) since there is something to take; nullptr: none.
  Worker* FindSleeper();
  static void Wake(Worker* sleeper);
  void WakeAll();

  // Under the mutex. MakeReady: whether it became so. Take: the first one of `ready_`, and as many of the others as
  // should go with it, or, when it is not shared, the first one of `ready_large_`. PutBack: a round is built, those
  // that it was built on are appended; others may build on it. End: it is appended.
  bool MakeReady(const std::string& id, Project& project);
  std::deque<Taken> Take(bool shared);
  bool AreUnderWay(const std::deque<Taken>& round) const;
  void PutBack(Taken& taken, bool shared);
  void End(Taken& taken);
  bool AreNextToBeAnswered(const std::deque<Taken>& round) const;
  void DropEditor(Project& project, Taken& taken);
  void ForgetIdle(const std::string& id);
  static bool IsIdle(const Project& project);
  bool CanTakeSmall() const;
  bool CanTakeLarge() const;
  bool CanTake() const;
  bool NextIsLarge() const;
  static bool IsLarge(const WriteRequest& request);

  void Build(std::deque<Taken>& round);
  void Append(std::deque<Taken>& round);
  void Tell(const ProjectWrites& writes);
  absl::Status CheckSpace() const;
  void DropIdleEditors();

  const StoreOptions options_;
  const WriteParts parts_;
  Notifier& notifier_;
  const std::function<void(const absl::Status&)> fatal_;
  // More at a time would only make them smaller: the processors are busy, and each append costs a sync.
  const std::size_t most_rounds_;
  std::function<void(const std::string&)> appended_;
  mutable std::mutex mutex_;
  // Who fell asleep last is woken first: what it works with is in a processor's caches still.
  std::vector<Worker*> sleepers_;
  std::condition_variable progress_event_;  // a round was appended, or answered
  // Projects with waiting writes that no round has, by whether the first one is large.
  std::deque<std::string> ready_;
  std::deque<std::string> ready_large_;
  std::int64_t ready_count_ = 0;     // projects that became so
  std::size_t built_rounds_ = 0;     // at this moment, without those of large writes
  std::size_t appended_rounds_ = 0;  // likewise
  std::size_t large_rounds_ = 0;     // of these, until they are answered
  bool disk_is_quick_ = false;       // as the last append of small writes went
  bool caller_has_round_ = false;    // one at a time: threads that bring writes are few
  std::unordered_map<std::string, Project> projects_;
  std::unordered_map<std::string, absl::Status> quarantined_;
  std::int64_t waiting_bytes_ = 0;
  bool closing_ = false;
  std::int64_t editor_entries_ = 0;
  std::deque<Worker> workers_;
};

}  // namespace greffe
