#include "storage/store/lock_table.h"

#include <utility>

#include "google/protobuf/util/time_util.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kLocks = "locks/";
constexpr int kLocksAtOnce = 1000;

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
      projects_[place.substr(0, slash)][place.substr(slash + 1)] = std::move(lock);
    }
    if (static_cast<int>(rows.size()) < kLocksAtOnce) return absl::OkStatus();
  }
}

std::optional<v1::Lock> LockTable::Find(std::string_view project, std::string_view number) const {
  const std::lock_guard guard(mutex_);
  const auto locks = projects_.find(project);
  if (locks == projects_.end()) return std::nullopt;
  const auto found = locks->second.find(number);
  if (found == locks->second.end()) return std::nullopt;
  return found->second;
}

void LockTable::Put(std::string_view project, const LockChanges& changes) {
  const std::lock_guard guard(mutex_);
  auto& locks = projects_[std::string(project)];
  for (const auto& [number, lock] : changes) locks[number] = lock;
}

std::vector<v1::Lock> LockTable::List(std::string_view project, std::string_view after, std::string_view holder,
                                      int limit, Micros now) const {
  const std::lock_guard guard(mutex_);
  std::vector<v1::Lock> listed;
  const auto locks = projects_.find(project);
  if (locks == projects_.end()) return listed;
  for (auto lock = locks->second.upper_bound(after); lock != locks->second.end(); ++lock) {
    if (static_cast<int>(listed.size()) == limit) break;
    if (!IsInForce(lock->second, now) || (!holder.empty() && lock->second.holder() != holder)) continue;
    listed.push_back(lock->second);
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
