#include "storage/store/lock_table.h"

#include <utility>

#include "google/protobuf/util/time_util.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kLocks = "locks/";
constexpr int kLocksAtOnce = 1000;
constexpr Micros kForgottenAfter = 7 * kMicrosPerDay;  // more than clocks are put back by
constexpr std::size_t kForgottenAtOnce = 10;

}  // namespace

bool IsInForce(const v1::Lock& lock, Micros now) { return !lock.released() && ToMicros(lock.expire_time()) > now; }

absl::Status LockedByAnother(const std::string& document, const v1::Lock& lock) {
  const std::string until = google::protobuf::util::TimeUtil::ToString(lock.expire_time());
  return Error(absl::StatusCode::kFailedPrecondition, "DOCUMENT_LOCKED",
               "'" + document + "' is checked out by '" + lock.holder() + "' until " + until,
               {{"document", document}, {"holder", lock.holder()}, {"expire_time", until}, {"reason", lock.reason()}});
}

absl::Status LockTable::Load(const Journal& journal) {
  std::string after;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(const auto rows, journal.ScanState(kLocks, after, kLocksAtOnce));
    const std::lock_guard guard(mutex_);
    for (const auto& [key, value] : rows) {
      after = key;
      const std::string place = key.substr(kLocks.size());
      const std::size_t slash = place.find('/');
      v1::Lock lock;
      if (slash == std::string::npos || !lock.ParseFromString(value)) return Damaged("lock '" + key + "'", "is none");
      // Once those that were given back kept their rows: they are none here either.
      Put(projects_[place.substr(0, slash)], place.substr(slash + 1), lock);
    }
    if (static_cast<int>(rows.size()) < kLocksAtOnce) return absl::OkStatus();
  }
}

std::optional<v1::Lock> LockTable::Find(std::string_view project, std::string_view number) const {
  const std::lock_guard guard(mutex_);
  const auto of_project = projects_.find(project);
  if (of_project == projects_.end()) return std::nullopt;
  const auto found = of_project->second.locks.find(number);
  if (found == of_project->second.locks.end()) return std::nullopt;
  return found->second;
}

void LockTable::Put(std::string_view project, const LockChanges& changes) {
  const std::lock_guard guard(mutex_);
  OfProject& of_project = projects_[std::string(project)];
  for (const auto& [number, lock] : changes) Put(of_project, number, lock);
}

void LockTable::Put(OfProject& project, const std::string& number, const v1::Lock& lock) {
  if (const auto former = project.locks.find(number); former != project.locks.end()) {
    project.by_end.erase({ToMicros(former->second.expire_time()), number});
    project.locks.erase(former);
  }
  if (lock.released()) return;
  project.by_end.emplace(ToMicros(lock.expire_time()), number);
  project.locks.emplace(number, lock);
}

std::vector<std::string> LockTable::ListForgotten(std::string_view project, Micros now) const {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> numbers;
  const auto of_project = projects_.find(project);
  if (of_project == projects_.end()) return numbers;
  for (const auto& [end, number] : of_project->second.by_end) {
    if (end + kForgottenAfter >= now || numbers.size() == kForgottenAtOnce) break;
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<v1::Lock> LockTable::List(std::string_view project, std::string_view after, std::string_view holder,
                                      int limit, Micros now) const {
  const std::lock_guard guard(mutex_);
  std::vector<v1::Lock> listed;
  const auto of_project = projects_.find(project);
  if (of_project == projects_.end()) return listed;
  const auto& locks = of_project->second.locks;
  for (auto found = locks.upper_bound(after); found != locks.end(); ++found) {
    if (static_cast<int>(listed.size()) == limit) break;
    const v1::Lock& lock = found->second;
    if (IsInForce(lock, now) && (holder.empty() || lock.holder() == holder)) listed.push_back(lock);
  }
  return listed;
}

StateChange LockTable::Row(std::string_view project, const std::string& number, const v1::Lock& lock) {
  std::string key(kLocks);
  key += project;
  key += '/';
  key += number;
  if (lock.released()) return {std::move(key), std::nullopt};
  return {std::move(key), lock.SerializeAsString()};
}

}  // namespace greffe
