// Dead letters of the Outbox: they are listed, tried again, and not kept for ever.
#include <algorithm>
#include <utility>

#include "storage/base/errors.h"
#include "storage/store/outbox.h"
#include "storage/store/state_keys.h"

namespace greffe {

absl::Status Outbox::RemoveOld(Micros now) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : entries_) GREFFE_RETURN_IF_ERROR(RemoveOldOf(id, entry, now));
  return absl::OkStatus();
}

absl::Status Outbox::RemoveOldOf(const std::string& id, Entry& entry, Micros now) {
  const Micros oldest = now - limits_.dead_days * kMicrosPerDay;
  CommitGroup group = NewServerGroup();
  std::vector<std::int64_t> old;
  for (const std::int64_t number : entry.dead) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Delivery delivery, ReadDelivery(id, number));
    // It was told before it died.
    if (ToMicros(delivery.notification().create_time()) >= oldest) break;
    const int attempts = delivery.attempts_size();
    if (attempts > 0 && ToMicros(delivery.attempts(attempts - 1).time()) >= oldest) continue;
    group.state.push_back({DeliveryKey(id, number), std::nullopt});
    old.push_back(number);
  }
  if (old.empty()) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(journal_.Append(group));
  const std::lock_guard changing(entries_mutex_);
  for (const std::int64_t number : old) entry.dead.erase(number);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Delivery>> Outbox::ListDead(const std::string& id,
                                                           const std::pair<std::string, std::int64_t>& after,
                                                           int limit) const {
  std::vector<v1::Delivery> listed;
  std::pair<std::string, std::int64_t> reached = after;
  while (true) {
    const int wanted = limit - static_cast<int>(listed.size());
    GREFFE_ASSIGN_OR_RETURN(const auto dead, DeadAfter(id, reached, wanted));
    for (const auto& letter : dead) {
      reached = letter;
      GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                              journal_.ReadState(DeliveryKey(letter.first, letter.second)));
      if (!row) continue;  // it went meanwhile
      GREFFE_ASSIGN_OR_RETURN(v1::Delivery delivery, ParseDelivery(letter.first, letter.second, *row));
      if (delivery.dead()) listed.push_back(std::move(delivery));  // otherwise it waits again
    }
    if (std::ssize(dead) < wanted || static_cast<int>(listed.size()) == limit) return listed;
  }
}

absl::StatusOr<std::vector<std::pair<std::string, std::int64_t>>> Outbox::DeadAfter(
    const std::string& id, const std::pair<std::string, std::int64_t>& after, int limit) const {
  const std::lock_guard looking(entries_mutex_);
  if (!id.empty() && !entries_.contains(id)) return NoWebhook(id);
  std::vector<std::pair<std::string, std::int64_t>> letters;
  for (auto entry = entries_.lower_bound(std::max(id, after.first)); entry != entries_.end(); ++entry) {
    if (!id.empty() && entry->first != id) break;
    const std::set<std::int64_t>& dead = entry->second.dead;
    for (auto number = dead.upper_bound(entry->first == after.first ? after.second : 0); number != dead.end();
         ++number) {
      if (static_cast<int>(letters.size()) == limit) return letters;
      letters.emplace_back(entry->first, *number);
    }
  }
  return letters;
}

absl::StatusOr<std::int64_t> Outbox::Retry(const std::string& id, const std::vector<std::int64_t>& numbers) {
  const std::lock_guard lock(mutex_);
  GREFFE_ASSIGN_OR_RETURN(Entry* const entry, FindEntry(id));
  std::set<std::int64_t> chosen(numbers.begin(), numbers.end());
  if (numbers.empty()) chosen = entry->dead;
  const Micros now = clock_.Now();
  CommitGroup group = NewServerGroup();
  for (const std::int64_t number : chosen) {
    if (!entry->dead.contains(number)) {
      return Error(absl::StatusCode::kNotFound, "DELIVERY_NOT_FOUND",
                   "there is no dead letter '" + DeliveryName(id, number) + "'",
                   {{"delivery", DeliveryName(id, number)}});
    }
    GREFFE_ASSIGN_OR_RETURN(v1::Delivery delivery, ReadDelivery(id, number));
    delivery.clear_dead();
    delivery.clear_attempts();
    delivery.clear_attempt_count();
    *delivery.mutable_next_time() = ToTimestamp(now);
    group.state.push_back({DeliveryKey(id, number), delivery.SerializeAsString()});
  }
  if (chosen.empty()) return 0;
  GREFFE_RETURN_IF_ERROR(journal_.Append(group));
  const std::lock_guard changing(entries_mutex_);
  for (const std::int64_t number : chosen) {
    entry->dead.erase(number);
    entry->Wait(number, now);
  }
  Wake();
  return static_cast<std::int64_t>(chosen.size());
}

}  // namespace greffe
