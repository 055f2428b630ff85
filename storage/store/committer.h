// Makes commits out of waiting writes: a queue a project, taken in groups, one append a group.
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
#include "storage/index/index.h"
#include "storage/journal/journal.h"
#include "storage/store/commit_builder.h"
#include "storage/store/lock_table.h"
#include "storage/store/notifier.h"
#include "storage/store/object_source.h"
#include "storage/store/store.h"
#include "storage/store/timeline.h"

namespace greffe {

// Thread-safe.
class Committer {
 public:
  struct Parts {
    Journal& journal;
    Index& index;
    ObjectSource& objects;
    Uploads& uploads;
    Timeline& timeline;
    Notifier& notifier;
    LockTable& locks;
    NumberReservations& reservations;
  };
  // `fatal` is called when the outcome of an append is unknown.
  Committer(const StoreOptions& options, Parts parts, std::function<void(const absl::Status&)> fatal);
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
  class Group;

  void Run();
  void Commit(const std::string& id, Project& project, std::vector<Waiting> group);
  absl::Status CheckSpace() const;
  void DropIdleEditors();

  const StoreOptions options_;
  const Parts parts_;
  const std::function<void(const absl::Status&)> fatal_;
  std::function<void(const std::string&)> appended_;
  mutable std::mutex mutex_;
  std::condition_variable ready_event_;
  std::deque<std::string> ready_;
  std::unordered_map<std::string, Project> projects_;
  std::unordered_map<std::string, absl::Status> quarantined_;
  std::int64_t waiting_bytes_ = 0;
  bool closing_ = false;
  std::atomic<std::int64_t> editor_entries_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace greffe
