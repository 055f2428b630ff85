#include "storage/store/outbox.h"

#include <algorithm>

#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/store/state_keys.h"
#include "storage/store/webhook_rows.h"

namespace greffe {
namespace {

constexpr int kMaxAttempts = 10;  // that a delivery tells of
constexpr int kDeliveriesAtOnce = 1000;
constexpr int kMostFailingUnderWay = 48;
constexpr std::int64_t kDeliveryOverhead = 100;  // bytes of a delivery beside its notification, about

bool Wants(const v1::Webhook& webhook, const v1::Notification& notification) {
  const auto& kinds = webhook.kinds();
  return (kinds.empty() || std::find(kinds.begin(), kinds.end(), notification.kind()) != kinds.end()) &&
         (webhook.project().empty() || webhook.project() == notification.project()) &&
         (webhook.recipient().empty() || webhook.recipient() == notification.recipient());
}

}  // namespace

void Outbox::Entry::Wait(std::int64_t number, Micros time) {
  waiting[number] = time;
  due.emplace(time, number);
}

void Outbox::Entry::EndWait(std::int64_t number) {
  const auto found = waiting.find(number);
  if (found == waiting.end()) return;
  due.erase({found->second, number});
  waiting.erase(found);
}

std::pair<Micros, std::int64_t> Outbox::Entry::Next(Micros now, Micros longest_wait) const {
  const auto& first = *due.begin();
  if (first.first <= now) return first;
  const auto& last = *due.rbegin();
  if (last.first > now + longest_wait) return {now, last.second};
  return first;
}

absl::Status Outbox::Load() {
  const std::scoped_lock lock(mutex_, entries_mutex_);
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> last, journal_.ReadState(kLastWebhookRow));
  if (last) last_ = NumberOfKey(*last);
  const Micros now = clock_.Now();
  std::string webhook;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(const auto rows, journal_.ScanState(kWebhookRows, webhook, kDeliveriesAtOnce));
    for (const auto& [key, value] : rows) {
      GREFFE_ASSIGN_OR_RETURN(entries_[key.substr(kWebhookRows.size())].subscription, DecodeSubscription(key, value));
    }
    if (static_cast<int>(rows.size()) < kDeliveriesAtOnce) break;
    webhook = rows.back().first;
  }
  for (auto& [id, entry] : entries_) {
    std::string after;
    while (true) {
      GREFFE_ASSIGN_OR_RETURN(const auto rows, journal_.ScanState(DeliveryPrefix(id), after, kDeliveriesAtOnce));
      for (const auto& [key, value] : rows) {
        v1::Delivery delivery;
        if (!delivery.ParseFromString(value)) return Damaged("delivery to '" + id + "'", "is none");
        const std::int64_t number = NumberOfKey(key);
        if (delivery.dead()) {
          entry.dead.insert(number);
        } else {
          // What was never tried waits for no time.
          const bool tried = delivery.attempt_count() > 0;
          entry.Wait(number, tried ? ToMicros(delivery.next_time()) : std::min(ToMicros(delivery.next_time()), now));
        }
      }
      if (static_cast<int>(rows.size()) < kDeliveriesAtOnce) break;
      after = rows.back().first;
    }
  }
  return absl::OkStatus();
}

std::int64_t Outbox::BytesFor(const v1::Notification& notification) const {
  const std::lock_guard lock(mutex_);
  const auto wanted = std::count_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return Wants(entry.second.subscription.webhook, notification);
  });
  return wanted * (static_cast<std::int64_t>(notification.ByteSizeLong()) + kDeliveryOverhead);
}

absl::Status Outbox::Append(CommitGroup group, const std::vector<v1::Notification>& notifications) {
  const std::lock_guard lock(mutex_);
  const Micros now = clock_.Now();
  struct Added {
    Entry* entry;
    std::vector<std::int64_t> numbers;
    std::vector<std::int64_t> excess;
    std::int64_t dropped = 0;  // `excess`, and what there was no room for from the beginning
  };
  std::vector<Added> all;
  for (auto& [id, entry] : entries_) {
    std::vector<const v1::Notification*> wanted;
    for (const v1::Notification& notification : notifications) {
      if (Wants(entry.subscription.webhook, notification)) wanted.push_back(&notification);
    }
    Added added{&entry, {}, {}, std::max<std::int64_t>(std::ssize(wanted) - limits_.deliveries, 0)};
    wanted.erase(wanted.begin(), wanted.begin() + added.dropped);
    for (const v1::Notification* const notification : wanted) {
      const std::int64_t number = NumberInName(notification->name());
      v1::Delivery delivery;
      delivery.set_name(DeliveryName(id, number));
      *delivery.mutable_notification() = *notification;
      *delivery.mutable_next_time() = ToTimestamp(now);
      group.state.push_back({DeliveryKey(id, number), delivery.SerializeAsString()});
      added.numbers.push_back(number);
    }
    if (added.numbers.empty()) continue;
    added.excess = Excess(entry, std::ssize(added.numbers));
    added.dropped += std::ssize(added.excess);
    if (added.dropped > 0) {
      for (const std::int64_t number : added.excess) group.state.push_back({DeliveryKey(id, number), std::nullopt});
      Subscription fuller = entry.subscription;
      fuller.webhook.set_dropped_count(fuller.webhook.dropped_count() + added.dropped);
      group.state.push_back({WebhookKey(id), EncodeSubscription(fuller)});
    }
    all.push_back(std::move(added));
  }
  GREFFE_RETURN_IF_ERROR(journal_.Append(group));
  const std::lock_guard changing(entries_mutex_);
  for (const Added& added : all) {
    Entry& entry = *added.entry;
    for (const std::int64_t number : added.numbers) entry.Wait(number, now);
    for (const std::int64_t number : added.excess) {
      entry.EndWait(number);
      entry.dead.erase(number);
    }
    v1::Webhook& webhook = entry.subscription.webhook;
    webhook.set_dropped_count(webhook.dropped_count() + added.dropped);
  }
  if (!all.empty()) Wake();
  return absl::OkStatus();
}

std::vector<std::int64_t> Outbox::Excess(const Entry& entry, std::int64_t more) const {
  const auto there = static_cast<std::int64_t>(entry.waiting.size() + entry.dead.size());
  auto left = std::max<std::int64_t>(there + more - limits_.deliveries, 0);
  std::vector<std::int64_t> excess;
  for (auto dead = entry.dead.begin(); dead != entry.dead.end() && left > 0; ++dead, --left) excess.push_back(*dead);
  for (auto waiting = entry.waiting.begin(); waiting != entry.waiting.end() && left > 0; ++waiting, --left) {
    excess.push_back(waiting->first);
  }
  return excess;
}

absl::StatusOr<std::vector<DueDelivery>> Outbox::TakeDue(int limit, Micros longest_wait) {
  const std::lock_guard lock(mutex_);
  const Micros now = clock_.Now();
  std::vector<std::pair<Micros, std::string>> ready;
  for (const auto& [id, entry] : entries_) {
    if (!entry.IsReady()) continue;
    const Micros time = entry.Next(now, longest_wait).first;
    if (time <= now) ready.emplace_back(time, id);
  }
  std::sort(ready.begin(), ready.end());
  int failing = CountFailingUnderWay();
  std::vector<DueDelivery> due;
  absl::Status damage;
  for (const auto& [time, id] : ready) {
    if (std::ssize(due) >= limit) break;
    Entry& entry = entries_.at(id);
    const bool fails = entry.subscription.webhook.has_failure();
    if (fails && failing >= kMostFailingUnderWay) continue;
    const std::int64_t number = entry.Next(now, longest_wait).second;
    absl::StatusOr<v1::Delivery> delivery = ReadDelivery(id, number);
    const std::lock_guard changing(entries_mutex_);
    entry.EndWait(number);
    if (!delivery.ok()) {  // its row stays, and the next start names it
      damage = delivery.status();
      continue;
    }
    entry.under_way = number;
    failing += fails ? 1 : 0;
    due.push_back({entry.subscription.webhook, *std::move(delivery)});
  }
  if (due.empty() && !damage.ok()) return damage;
  return due;
}

absl::Status Outbox::Delivered(const DueDelivery& due) {
  const std::lock_guard lock(mutex_);
  const std::string id = IdOfWebhook(due.webhook);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return absl::OkStatus();  // deleted meanwhile
  Entry& entry = found->second;
  const StateChange gone = {DeliveryKey(id, NumberInName(due.delivery.name())), std::nullopt};
  absl::Status kept;
  if (entry.subscription.webhook.has_failure()) {
    Subscription sound = entry.subscription;
    sound.webhook.clear_failure();
    kept = AppendOutcome(id, sound, gone);
  } else {
    kept = AppendRow(gone.key, gone.value);
  }
  const std::lock_guard changing(entries_mutex_);
  entry.under_way = 0;
  entry.subscription.webhook.clear_failure();
  return kept;
}

absl::Status Outbox::Failed(const DueDelivery& due, const v1::DeliveryAttempt& attempt, std::optional<Micros> next) {
  const std::lock_guard lock(mutex_);
  const std::string id = IdOfWebhook(due.webhook);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return absl::OkStatus();
  Entry& entry = found->second;
  const std::int64_t number = NumberInName(due.delivery.name());
  v1::Delivery delivery = due.delivery;
  if (delivery.attempts_size() == kMaxAttempts) delivery.mutable_attempts()->DeleteSubrange(0, 1);
  *delivery.add_attempts() = attempt;
  delivery.set_attempt_count(delivery.attempt_count() + 1);
  delivery.clear_next_time();
  if (next) *delivery.mutable_next_time() = ToTimestamp(*next);
  delivery.set_dead(!next);
  Subscription failing = entry.subscription;
  *failing.webhook.mutable_failure() = attempt;
  const absl::Status kept = AppendOutcome(id, failing, {DeliveryKey(id, number), delivery.SerializeAsString()});
  const std::lock_guard changing(entries_mutex_);
  entry.under_way = 0;
  entry.subscription = std::move(failing);
  if (next) {
    entry.Wait(number, *next);
  } else {
    entry.dead.insert(number);
  }
  return kept;
}

std::optional<Micros> Outbox::NextTime(Micros longest_wait) const {
  const std::lock_guard lock(mutex_);
  const Micros now = clock_.Now();
  // Those that are held back wait for one that ends, which wakes who delivers.
  const bool held_back = CountFailingUnderWay() >= kMostFailingUnderWay;
  std::optional<Micros> next;
  for (const auto& [id, entry] : entries_) {
    if (!entry.IsReady() || (held_back && entry.subscription.webhook.has_failure())) continue;
    const Micros time = entry.Next(now, longest_wait).first;
    next = std::min(next.value_or(time), time);
  }
  return next;
}

int Outbox::CountFailingUnderWay() const {
  return static_cast<int>(std::ranges::count_if(entries_, [](const auto& entry) {
    return entry.second.under_way != 0 && entry.second.subscription.webhook.has_failure();
  }));
}

void Outbox::OnChange(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

absl::Status Outbox::AppendRow(std::string key, std::optional<std::string> value) {
  CommitGroup group = NewServerGroup();
  group.state.push_back({std::move(key), std::move(value)});
  return journal_.Append(group);
}

absl::Status Outbox::AppendOutcome(const std::string& id, const Subscription& subscription, StateChange delivery) {
  CommitGroup group = NewServerGroup();
  group.state.push_back(std::move(delivery));
  group.state.push_back({WebhookKey(id), EncodeSubscription(subscription)});
  return journal_.Append(group);
}

absl::StatusOr<v1::Delivery> Outbox::ReadDelivery(const std::string& id, std::int64_t number) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, journal_.ReadState(DeliveryKey(id, number)));
  if (!row) return Damaged("journal", "'" + DeliveryName(id, number) + "' is not there");
  return ParseDelivery(id, number, *row);
}

absl::StatusOr<v1::Delivery> Outbox::ParseDelivery(const std::string& id, std::int64_t number, const std::string& row) {
  v1::Delivery delivery;
  if (!delivery.ParseFromString(row)) return Damaged("journal", "'" + DeliveryName(id, number) + "' is none");
  return delivery;
}

void Outbox::Wake() const {
  if (wake_) wake_();
}

}  // namespace greffe
