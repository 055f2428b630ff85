// Tells people: looks at each commit of each project once, and every so often at what time brings.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "storage/base/clock.h"
#include "storage/store/inbox.h"
#include "storage/store/store.h"

namespace greffe {

struct TellerOptions {
  std::chrono::milliseconds sweep{60'000};  // between two looks at what time brings
  // From a commit to the look at it: those of a project that come meanwhile are looked at together, which is most of
  // the cost of telling when many projects change at once.
  std::chrono::milliseconds gather{100};
  // Of notifications and their deliveries to webhooks in one append; one notification at least.
  std::int64_t append_bytes = 4 << 20;
};

// One thread, which holds no lock while it reads. How far it came is appended with what it told, so that a restart
// tells nothing twice and misses nothing: a commit that tells more than an append takes is told in several, and gone on
// with where they ended. Commits that tell nothing are not worth an append of their own: after a
// restart some of them are looked at again.
class Teller {
 public:
  // All outlive it.
  Teller(TellerOptions options, Store& store, const Clock& clock, std::function<void(const std::string&)> log);
  ~Teller();

  // Before anything can be written: what happens from then on is told.
  void Start();
  // Returns once its thread has ended. What was not looked at yet is told after the next start.
  void Stop();

 private:
  struct Reached {
    NoticeProgress now;
    NoticeProgress stored;
  };
  struct Notice {
    v1::Notification notification;
    NoticeProgress reached;  // once it is told
  };

  void Run();
  // The first time on this data: what happened before is no news. False: that could not be kept, try again.
  bool Begin();
  absl::Status KeepBeginning();
  void LookAtAll();
  // Failures are logged, and what they kept from being told is told by the next sweep.
  void LookAt(const std::string& project, bool sweep);
  absl::Status TellOf(const std::string& project, bool sweep);
  // Of one project: appended with how far it was looked at, which is `next` at their end. CANCELLED when this stops
  // before.
  absl::Status Tell(const std::string& project, std::vector<Notice> notices, const NoticeProgress& next,
                    Reached& reached);
  // Once a day.
  void RemoveOld();
  absl::StatusOr<Reached*> Find(const std::string& project);
  bool stopping() const;

  const TellerOptions options_;
  Store& store_;
  const Clock& clock_;
  const std::function<void(const std::string&)> log_;
  bool begun_ = false;                             // from here on the thread's own
  Micros removed_day_ = -1;                        // when RemoveOld was done
  std::map<std::string, Reached> reached_;         // by project
  std::map<std::string, std::string> complaints_;  // by project: what was logged last
  mutable std::mutex mutex_;
  std::condition_variable event_;
  std::set<std::string> changed_;  // projects with commits that were not looked at
  bool stopping_ = false;
  std::uint64_t subscription_ = 0;
  std::thread thread_;
};

}  // namespace greffe
