// Webhooks of the Outbox: they are made, changed, found and ended.
#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/store/outbox.h"
#include "storage/store/state_keys.h"
#include "storage/store/webhook_rows.h"

namespace greffe {
namespace {

constexpr int kRowsAtOnce = 1000;

v1::Webhook WithoutSecret(v1::Webhook webhook) {
  webhook.clear_secret();
  return webhook;
}

// Whether `request` ("<id> <digest>"; "": none) did to the webhook what it asks for. INVALID_ARGUMENT when its id asked
// for something else.
absl::StatusOr<bool> IsRepeated(const std::string& request, const Subscription& subscription) {
  if (request.empty()) return false;
  const std::string id = request.substr(0, request.find(' ') + 1);
  const auto has_id = [&id](const std::string& before) { return before.starts_with(id); };
  const auto changed = std::find_if(subscription.changed_by.begin(), subscription.changed_by.end(), has_id);
  const bool known = changed != subscription.changed_by.end();
  if (!known && !has_id(subscription.made_by)) return false;
  if ((known ? *changed : subscription.made_by) == request) return true;
  return InvalidField(
      "request_id", "REQUEST_ID_REUSED",
      QuotedValue(request.substr(0, id.size() - 1)) + ": was used for another request, or by another caller");
}

}  // namespace

absl::StatusOr<v1::Webhook> Outbox::Create(v1::Webhook webhook, const std::string& made_by) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : entries_) {
    GREFFE_ASSIGN_OR_RETURN(const bool repeated, IsRepeated(made_by, entry.subscription));
    if (!repeated) continue;
    v1::Webhook made = Described(entry);
    if (ToMicros(made.secret_time()) != ToMicros(made.create_time())) made.clear_secret();
    return made;
  }
  if (static_cast<int>(entries_.size()) >= limits_.webhooks) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_WEBHOOKS",
                 "there are " + std::to_string(entries_.size()) + " webhooks; no more are kept");
  }
  const std::string id = absl::StrFormat("WHK-%04d", last_ + 1);
  webhook.set_name(WebhookKey(id));
  *webhook.mutable_create_time() = ToTimestamp(clock_.Now());
  *webhook.mutable_secret_time() = webhook.create_time();
  Entry entry;
  entry.subscription = {std::move(webhook), made_by, {}};
  CommitGroup group = NewServerGroup();
  group.state.push_back({WebhookKey(id), EncodeSubscription(entry.subscription)});
  group.state.push_back({kLastWebhookRow, NumberKey(last_ + 1)});
  GREFFE_RETURN_IF_ERROR(journal_.Append(group));
  ++last_;
  const std::lock_guard changing(entries_mutex_);
  return Described(entries_[id] = std::move(entry));
}

absl::StatusOr<v1::Webhook> Outbox::Update(const std::string& id, const std::string& changed_by,
                                           const std::function<absl::Status(v1::Webhook&)>& change) {
  const std::lock_guard lock(mutex_);
  GREFFE_ASSIGN_OR_RETURN(Entry* const entry, FindEntry(id));
  for (const auto& [other, known] : entries_) {
    GREFFE_ASSIGN_OR_RETURN(const bool repeated, IsRepeated(changed_by, known.subscription));
    if (repeated) return WithoutSecret(Described(*entry));
  }
  Subscription changed = entry->subscription;
  GREFFE_RETURN_IF_ERROR(change(changed.webhook));
  if (changed.webhook.secret() != entry->subscription.webhook.secret()) {
    *changed.webhook.mutable_secret_time() = ToTimestamp(clock_.Now());
  }
  if (!changed_by.empty()) changed.changed_by.push_back(changed_by);
  if (changed.changed_by.size() > kRememberedChanges) changed.changed_by.erase(changed.changed_by.begin());
  GREFFE_RETURN_IF_ERROR(AppendRow(WebhookKey(id), EncodeSubscription(changed)));
  const std::lock_guard changing(entries_mutex_);
  entry->subscription = std::move(changed);
  Wake();  // it may not be paused any more
  return WithoutSecret(Described(*entry));
}

absl::Status Outbox::Delete(const std::string& id) {
  const std::lock_guard lock(mutex_);
  GREFFE_RETURN_IF_ERROR(FindEntry(id).status());
  CommitGroup group = NewServerGroup();
  group.state.push_back({WebhookKey(id), std::nullopt});
  // As they are in the journal: of one that is damaged, or whose end could not be written, memory no longer knows.
  for (std::string after;;) {
    GREFFE_ASSIGN_OR_RETURN(const auto rows, journal_.ScanState(DeliveryPrefix(id), after, kRowsAtOnce));
    for (const auto& [key, value] : rows) group.state.push_back({key, std::nullopt});
    if (static_cast<int>(rows.size()) < kRowsAtOnce) break;
    after = rows.back().first;
  }
  GREFFE_RETURN_IF_ERROR(journal_.Append(group));
  const std::lock_guard changing(entries_mutex_);
  entries_.erase(id);
  return absl::OkStatus();
}

absl::StatusOr<v1::Webhook> Outbox::Find(const std::string& id) const {
  const std::lock_guard looking(entries_mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return NoWebhook(id);
  return WithoutSecret(Described(found->second));
}

std::vector<v1::Webhook> Outbox::List(const std::string& after, int limit) const {
  const std::lock_guard looking(entries_mutex_);
  std::vector<v1::Webhook> listed;
  for (auto entry = entries_.upper_bound(after); entry != entries_.end(); ++entry) {
    if (static_cast<int>(listed.size()) == limit) break;
    listed.push_back(WithoutSecret(Described(entry->second)));
  }
  return listed;
}

absl::Status Outbox::NoWebhook(const std::string& id) {
  return Error(absl::StatusCode::kNotFound, "WEBHOOK_NOT_FOUND", "there is no '" + WebhookKey(id) + "'",
               {{"webhook", WebhookKey(id)}});
}

absl::StatusOr<Outbox::Entry*> Outbox::FindEntry(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return NoWebhook(id);
  return &found->second;
}

v1::Webhook Outbox::Described(const Entry& entry) {
  v1::Webhook webhook = entry.subscription.webhook;
  webhook.set_waiting_count(static_cast<std::int64_t>(entry.waiting.size()) + (entry.under_way != 0 ? 1 : 0));
  webhook.set_dead_count(static_cast<std::int64_t>(entry.dead.size()));
  return webhook;
}

}  // namespace greffe
