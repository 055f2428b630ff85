// Moves what the journal holds into the repositories on disk, in the background and on demand.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/journal/journal.h"
#include "storage/store/consolidator.h"
#include "storage/store/object_source.h"

namespace greffe {

// Reason of the status for a project whose repository someone else changed.
inline constexpr char kQuarantined[] = "PROJECT_QUARANTINED";

// Thread-safe.
class Packer {
 public:
  struct Options {
    std::chrono::milliseconds delay;
    std::int64_t bytes;  // unpacked bytes of a project that do not wait
  };
  using Told = std::function<void(const std::string& project, const absl::Status&)>;
  // `foreign` is told of a repository whose ref is not where Greffe left it; `failed`, with Start, of why a project is
  // not packed, once until that changes, and of a pack that cannot be merged.
  Packer(Options options, Journal& journal, ObjectSource& objects, Told foreign, Told failed);
  ~Packer();

  void Start();
  void Stop();

  // After an append: looks whether the project has enough to be packed now.
  void Consider(const std::string& project);

  // Packs what is there now; the number of commits. Without Start, packs are merged here too, when there are many.
  absl::StatusOr<std::int64_t> Pack(const std::string& project);
  absl::StatusOr<std::int64_t> PackAll();

  // The same by the packer's own threads, so that who asks holds none, several projects at a time: those who ask for
  // one project share the pack that begins behind them. `done` is called exactly once, on one of these threads; without
  // Start, and from Stop on, all is done here.
  using Packed = std::function<void(const absl::StatusOr<std::int64_t>& count)>;
  void Flush(const std::string& project, Packed done);
  void FlushAll(Packed done);

 private:
  // Of a project that is in `being_packed_` by the caller.
  absl::StatusOr<std::int64_t> PackClaimed(const std::string& project);
  absl::StatusOr<std::int64_t> PackAlone(const std::string& project);
  // What was told when somebody else moved the project's main to `ref`; OK: nothing was.
  absl::Status WhyForeign(const std::string& project, const Oid& ref);
  // A pack of the objects of those commits that an earlier call, which failed behind it, did not pack already: one that
  // fails for hours must not write all of them anew in each round. Those that are gone since are written again.
  absl::Status WriteObjects(GitRepository& repository, const std::string& project,
                            std::span<const JournalCommit> commits);
  // Those that came with the commits in (after, through], whose objects are packed.
  absl::Status WriteTags(GitRepository& repository, const std::string& project, Sequence after, Sequence through);
  void Run();
  // Under the mutex: the packer's rounds come to it again after twice the pause, unless somebody asks before.
  void PutOff(const std::string& project);
  void RunFlushes();
  // In the packer's thread.
  void TellFailure(const std::string& project, const absl::Status& packed);

  struct Pause {
    std::chrono::steady_clock::duration length{};
    std::chrono::steady_clock::time_point end;
  };
  struct ForeignRef {
    Oid ref;
    absl::Status why;
  };

  const Options options_;
  Journal& journal_;
  ObjectSource& objects_;
  const Told foreign_;
  const Told failed_;
  std::set<std::string> being_packed_;  // a project is packed by one thread at a time
  std::condition_variable packed_event_;
  std::map<std::string, std::vector<Packed>> flushes_;  // by project: who waits for a pack that has not begun
  std::deque<std::string> flush_order_;                 // these projects, as they came
  std::mutex mutex_;
  std::condition_variable event_;
  std::set<std::string> full_;               // projects that have enough to be packed now
  std::map<std::string, Pause> failing_;     // those that the last round which came to them failed for
  std::map<std::string, Sequence> written_;  // by project: through which commit its objects are packed
  std::map<std::string, ForeignRef> foreign_refs_;
  std::atomic<bool> stopping_ = false;
  std::map<std::string, std::string> told_failures_;  // by project: the last one's message; the packer's thread alone
  std::thread packer_;
  Consolidator consolidator_;
  std::vector<std::thread> flushers_;
};

}  // namespace greffe
