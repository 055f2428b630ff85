// Who has which document checked out. Locks are state rows of the journal (`locks/<project>/<number>`), and all of them
// are in memory: each check-in asks. One that was given back has no row; one that is over for long loses it.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/locks.pb.h"
#include "storage/base/clock.h"
#include "storage/base/fault_switch.h"
#include "storage/journal/journal.h"

namespace greffe {

// By document number, what an act made of its lock; `released`: there is none any more.
using LockChanges = std::map<std::string, v1::Lock>;

// Whether it keeps others out at that moment.
bool IsInForce(const v1::Lock& lock, Micros now);

// FAILED_PRECONDITION (DOCUMENT_LOCKED) with `document`, `holder`, `expire_time`, `reason`.
absl::Status LockedByAnother(const std::string& document, const v1::Lock& lock);

// Thread-safe.
class LockTable {
 public:
  absl::Status Load(const Journal& journal);

  // In force or over; nullopt: there is none.
  std::optional<v1::Lock> Find(std::string_view project, std::string_view number) const;
  // What was appended.
  void Put(std::string_view project, const LockChanges& changes);
  // Those in force, by number, above `after`, at most `limit`; `holder` "": of anyone.
  std::vector<v1::Lock> List(std::string_view project, std::string_view after, std::string_view holder, int limit,
                             Micros now) const;

  // The numbers of some that are over for longer than clocks are put back by.
  std::vector<std::string> ListForgotten(std::string_view project, Micros now) const;

  static StateChange Row(std::string_view project, const std::string& number, const v1::Lock& lock);

 private:
  struct OfProject {
    std::map<std::string, v1::Lock, std::less<>> locks;  // by number
    std::set<std::pair<Micros, std::string>> by_end;     // when each ends, and its number
  };

  static void Put(OfProject& project, const std::string& number, const v1::Lock& lock);

  mutable std::mutex mutex_;
  std::map<std::string, OfProject, std::less<>> projects_;
};

// The locks as the acts of one group see them: the table, over it what the group before did, which is on its way into
// the table (nullptr: none), and over that what the acts before did.
class GroupLocks {
 public:
  explicit GroupLocks(const LockTable& table, const GroupLocks* before = nullptr) : table_(table), before_(before) {}

  std::optional<v1::Lock> Find(std::string_view project, const std::string& number) const {
    const auto found = changes_.find(number);
    if (found != changes_.end() && !FaultIsOn("group-lock-forgotten")) return found->second;
    if (before_ != nullptr) {
      const auto earlier = before_->changes_.find(number);
      if (earlier != before_->changes_.end()) return earlier->second;
    }
    return table_.Find(project, number);
  }
  // Those of the table that are over for long, as given back; some at a time.
  LockChanges Forget(std::string_view project, Micros now) const {
    LockChanges forgotten;
    for (const std::string& number : table_.ListForgotten(project, now)) {
      if (!IsChanged(number)) forgotten[number].set_released(true);
    }
    return forgotten;
  }
  void Put(LockChanges changes) {
    for (auto& [number, lock] : changes) changes_[number] = std::move(lock);
  }
  const LockChanges& changes() const { return changes_; }
  void LetGoOfBefore() { before_ = nullptr; }

 private:
  bool IsChanged(const std::string& number) const {
    return changes_.contains(number) || (before_ != nullptr && before_->changes_.contains(number));
  }

  const LockTable& table_;
  const GroupLocks* before_;
  LockChanges changes_;
};

}  // namespace greffe
