// Makes commits out of waiting writes: a queue a project, taken in rounds of one or several projects, one append a
// round.
#pragma once

#include <atomic>
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

  void Write(WriteRequest request, WriteDone done);

  // Refuses what comes from now on, finishes what waits.
  void Close();

  // Writes to the project fail with `reason` from now on; false: they did already.
  bool Quarantine(const std::string& project, absl::Status reason);
  std::vector<std::string> Quarantined() const;

  // OK, or why writes are refused.
  absl::Status Writable() const;

  // Bytes of unpacked commits that were appended since the last call: wakes the packer.
  void OnAppend(std::function<void(const std::string& project)> appended) { appended_ = std::move(appended); }

 private:
  struct Waiting {
    WriteRequest request;
    WriteDone done;
  };
  struct Outcome {
    WriteDone done;
    absl::StatusOr<WriteResult> result;
  };
  struct Project {
    std::deque<Waiting> queue;
    bool scheduled = false;
    std::unique_ptr<TreeEditor> editor;  // used by the committer that has it scheduled alone
  };
  struct Taken;

  void Run();
  // Under the mutex: the first one of `ready_`, and when it is shared as many of the others as should go with it.
  std::deque<Taken> Take(bool shared);
  void PutBack(Taken& taken);
  bool CanTake() const;
  bool NextIsLarge() const;
  static bool IsLarge(const WriteRequest& request);

  // Of the projects of a round, each built by itself, all appended as one, each answered.
  void Commit(std::deque<Taken>& round);
  void Build(Taken& taken);
  void Append(std::deque<Taken>& round);
  void Answer(Taken& taken);
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
  std::condition_variable ready_event_;
  std::deque<std::string> ready_;  // projects with waiting writes that no round has
  std::size_t shared_rounds_ = 0;  // under way, without those of large writes
  std::unordered_map<std::string, Project> projects_;
  std::unordered_map<std::string, absl::Status> quarantined_;
  std::int64_t waiting_bytes_ = 0;
  bool closing_ = false;
  std::atomic<std::int64_t> editor_entries_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace greffe
