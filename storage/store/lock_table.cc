#include "storage/store/lock_table.h"

#include <utility>

#include "google/protobuf/util/time_util.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kLocks = "locks/";
constexpr int kLocksAtOnce = 1000;
constexpr Micros kForgottenAfter = 7 * kMicrosPerDay;  // more than clocks are put back by

bool IsOfRequest(const v1::Lock& lock, std::string_view holder, std::string_view request_id) {
  return !lock.request_digest().empty() && lock.holder() == holder && lock.request_id() == request_id;
}

std::string RequestKey(std::string_view holder, std::string_view request_id) {
  std::string key(holder);
  key += '\n';
  key += request_id;
  return key;
}

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
      Put(projects_[place.substr(0, slash)], place.substr(slash + 1), std::move(lock));
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

std::optional<NumberedLock> LockTable::FindByRequest(std::string_view project, std::string_view holder,
                                                     std::string_view request_id) const {
  const std::lock_guard guard(mutex_);
  const auto of_project = projects_.find(project);
  if (of_project == projects_.end()) return std::nullopt;
  const auto found = of_project->second.requests.find(RequestKey(holder, request_id));
  if (found == of_project->second.requests.end()) return std::nullopt;
  return *of_project->second.locks.find(found->second);
}

void LockTable::Put(std::string_view project, const LockChanges& changes) {
  const std::lock_guard guard(mutex_);
  OfProject& of_project = projects_[std::string(project)];
  for (const auto& [number, lock] : changes) Put(of_project, number, lock);
}

void LockTable::Put(OfProject& project, const std::string& number, v1::Lock lock) {
  v1::Lock& kept = project.locks[number];
  if (!kept.request_digest().empty()) project.requests.erase(RequestKey(kept.holder(), kept.request_id()));
  kept = std::move(lock);
  if (kept.released()) {
    project.held.erase(number);
  } else {
    project.held.insert(number);
  }
  if (!kept.request_digest().empty()) project.requests[RequestKey(kept.holder(), kept.request_id())] = number;
}

std::optional<NumberedLock> GroupLocks::FindIn(const LockChanges& changes, std::string_view holder,
                                               std::string_view request_id) {
  for (const auto& change : changes) {
    if (IsOfRequest(change.second, holder, request_id)) return change;
  }
  return std::nullopt;
}

std::vector<v1::Lock> LockTable::List(std::string_view project, std::string_view after, std::string_view holder,
                                      int limit, Micros now) const {
  const std::lock_guard guard(mutex_);
  std::vector<v1::Lock> listed;
  const auto of_project = projects_.find(project);
  if (of_project == projects_.end()) return listed;
  std::set<std::string, std::less<>>& held = of_project->second.held;
  for (auto number = held.upper_bound(after); number != held.end();) {
    if (static_cast<int>(listed.size()) == limit) break;
    const v1::Lock& lock = of_project->second.locks.find(*number)->second;
    if (ToMicros(lock.expire_time()) + kForgottenAfter < now) {
      number = held.erase(number);
      continue;
    }
    ++number;
    if (!IsInForce(lock, now) || (!holder.empty() && lock.holder() != holder)) continue;
    listed.push_back(lock);
  }
  return listed;
}

StateChange LockTable::Row(std::string_view project, const std::string& number, const v1::Lock& lock) {
  std::string key(kLocks);
  key += project;
  key += '/';
  return {key + number, lock.SerializeAsString()};
}

}  // namespace greffe
