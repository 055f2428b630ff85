#include "storage/store/inbox.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/store/state_keys.h"
#include "storage/store/told_notices.h"

namespace greffe {
namespace {

constexpr std::string_view kInbox = "inbox/";
constexpr std::string_view kUnread = "unread/";
constexpr std::string_view kCounts = "inbox-counts/";
constexpr char kNewest[] = "inboxes/newest";
constexpr std::string_view kNames = "notifications/";
constexpr int kNotificationsAtOnce = 500;

std::string RowsOf(std::string_view kind, const std::string& recipient) {
  std::string prefix(kind);
  prefix += recipient;
  prefix += '\0';
  return prefix;
}

bool Fits(const InboxQuery& query, const v1::Notification& notification) {
  if (query.unread && notification.has_acknowledge_time()) return false;
  if (!query.project.empty() && notification.project() != query.project) return false;
  return query.kinds.empty() ||
         std::find(query.kinds.begin(), query.kinds.end(), notification.kind()) != query.kinds.end();
}

absl::StatusOr<v1::Notification> Parse(const std::string& row) {
  v1::Notification notification;
  if (notification.ParseFromString(row)) return notification;
  return Damaged("journal", "a notification that is none");
}

}  // namespace

std::string NotificationName(std::int64_t number) { return std::string(kNames) + std::to_string(number); }

absl::StatusOr<std::int64_t> ParseNotificationName(std::string_view name, const std::string& field) {
  std::int64_t number = 0;
  if (name.starts_with(kNames) && name.size() > kNames.size() && name[kNames.size()] != '0') {
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kNames.size(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end && number > 0) return number;
  }
  return InvalidField(field, "NAME_INVALID", QuotedValue(name) + ": expected notifications/{number}");
}

absl::Status Inbox::Load() {
  const std::lock_guard lock(mutex_);
  GREFFE_ASSIGN_OR_RETURN(newest_, Newest());
  std::string after;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(const Rows rows, journal_.ScanState(kCounts, after, kNotificationsAtOnce));
    for (const auto& [key, value] : rows) {
      counts_[key.substr(kCounts.size())] = CountsIn(value);
    }
    if (static_cast<int>(rows.size()) < kNotificationsAtOnce) return absl::OkStatus();
    after = rows.back().first;
  }
}

absl::StatusOr<bool> Inbox::HasBegun() const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> newest, journal_.ReadState(kNewest));
  return newest.has_value();
}

absl::StatusOr<bool> Inbox::Tell(std::vector<v1::Notification> notifications, const Progress& progress,
                                 bool keep_progress) {
  std::map<std::string, Counts> recipients;
  {
    const std::lock_guard lock(mutex_);
    CommitGroup group = NewServerGroup();
    std::int64_t number = newest_;
    std::set<std::string> keys;
    std::vector<v1::Notification> added;
    for (v1::Notification& notification : notifications) {
      if (!keys.insert(notification.key()).second) continue;
      *notification.mutable_create_time() = ToTimestamp(clock_.Now());
      if (ComesWithTime(notification.kind())) {
        GREFFE_ASSIGN_OR_RETURN(std::optional<StateChange> told, NewToldRow(journal_, notification));
        if (!told) continue;
        group.state.push_back(*std::move(told));
      }
      notification.set_name(NotificationName(++number));
      const std::string& recipient = notification.recipient();
      group.state.push_back({RowsOf(kInbox, recipient) + NumberKey(number), notification.SerializeAsString()});
      group.state.push_back({RowsOf(kUnread, recipient) + NumberKey(number), ""});
      Counts& counts = recipients.emplace(recipient, CountsOf(recipient)).first->second;
      ++counts.all;
      ++counts.unread;
      added.push_back(std::move(notification));
    }
    if (added.empty() && !keep_progress) return false;
    for (auto& [recipient, counts] : recipients) {
      // What one append brings is kept whole: the next one takes away what is too much of it.
      const std::int64_t excess = std::min(counts.all - limits_.count, CountsOf(recipient).all);
      if (excess > 0) {
        GREFFE_ASSIGN_OR_RETURN(const Rows rows,
                                journal_.ScanState(RowsOf(kInbox, recipient), "", static_cast<int>(excess)));
        GREFFE_RETURN_IF_ERROR(Remove(recipient, rows, rows.size(), group, counts));
      }
      group.state.push_back({std::string(kCounts) + recipient, NumberKey(counts.all) + NumberKey(counts.unread)});
    }
    for (const auto& [project, reached] : progress) group.state.push_back(NoticeProgressRow(project, reached));
    group.state.push_back({kNewest, NumberKey(number)});
    GREFFE_RETURN_IF_ERROR(outbox_.Append(std::move(group), added));
    newest_ = number;
    for (const auto& [recipient, counts] : recipients) counts_[recipient] = counts;
  }
  const std::lock_guard lock(subscriptions_mutex_);
  for (const auto& [id, subscription] : subscriptions_) {
    if (recipients.contains(subscription.first)) subscription.second();
  }
  return true;
}

absl::StatusOr<std::vector<v1::Notification>> Inbox::List(const std::string& recipient, const InboxQuery& query,
                                                          std::int64_t before, int limit) const {
  const std::string inbox = RowsOf(kInbox, recipient);
  const std::string prefix = query.unread ? RowsOf(kUnread, recipient) : inbox;
  const bool all = query.project.empty() && query.kinds.empty();
  const int at_once = all ? std::min(limit, kNotificationsAtOnce) : kNotificationsAtOnce;
  std::string below = before > 0 ? prefix + NumberKey(before) : "";
  std::vector<v1::Notification> listed;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(const Rows rows, journal_.ScanStateBackwards(prefix, below, at_once));
    for (const auto& [key, value] : rows) {
      below = key;
      std::optional<std::string> row = value;
      if (query.unread) {
        GREFFE_ASSIGN_OR_RETURN(row, journal_.ReadState(inbox + key.substr(prefix.size())));
        if (!row) continue;  // it went meanwhile
      }
      GREFFE_ASSIGN_OR_RETURN(v1::Notification notification, Parse(*row));
      if (!Fits(query, notification)) continue;
      listed.push_back(std::move(notification));
      if (static_cast<int>(listed.size()) == limit) return listed;
    }
    if (static_cast<int>(rows.size()) < at_once) return listed;
  }
}

absl::StatusOr<std::vector<v1::Notification>> Inbox::ListAfter(const std::string& recipient, std::int64_t after,
                                                               int limit) const {
  const std::string prefix = RowsOf(kInbox, recipient);
  GREFFE_ASSIGN_OR_RETURN(const Rows rows, journal_.ScanState(prefix, prefix + NumberKey(after), limit));
  std::vector<v1::Notification> listed;
  for (const auto& [key, value] : rows) {
    GREFFE_ASSIGN_OR_RETURN(listed.emplace_back(), Parse(value));
  }
  return listed;
}

absl::StatusOr<std::int64_t> Inbox::CountUnread(const std::string& recipient) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> counts,
                          journal_.ReadState(std::string(kCounts) + recipient));
  return counts ? CountsIn(*counts).unread : 0;
}

absl::StatusOr<std::int64_t> Inbox::Newest() const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> newest, journal_.ReadState(kNewest));
  return newest ? NumberOfKey(*newest) : 0;
}

absl::StatusOr<std::int64_t> Inbox::Acknowledge(const std::string& recipient, const std::vector<std::int64_t>& numbers,
                                                std::int64_t up_to) {
  const std::lock_guard lock(mutex_);
  const std::string inbox = RowsOf(kInbox, recipient);
  std::vector<v1::Notification> unread;
  for (const std::int64_t number : std::set<std::int64_t>(numbers.begin(), numbers.end())) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, journal_.ReadState(inbox + NumberKey(number)));
    if (!row) {
      return Error(absl::StatusCode::kNotFound, "NOTIFICATION_NOT_FOUND",
                   "'" + recipient + "' has no notification '" + NotificationName(number) + "'",
                   {{"notification", NotificationName(number)}});
    }
    GREFFE_ASSIGN_OR_RETURN(v1::Notification notification, Parse(*row));
    if (!notification.has_acknowledge_time()) unread.push_back(std::move(notification));
  }
  std::int64_t count = static_cast<std::int64_t>(unread.size());
  GREFFE_RETURN_IF_ERROR(AcknowledgeRows(recipient, unread));
  // A year's worth is marked in parts; what was marked stays so.
  const std::string prefix = RowsOf(kUnread, recipient);
  while (up_to > 0) {
    unread.clear();
    GREFFE_ASSIGN_OR_RETURN(const Rows rows, journal_.ScanState(prefix, "", kNotificationsAtOnce));
    for (const auto& [key, value] : rows) {
      if (NumberOfKey(key) > up_to) break;
      GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                              journal_.ReadState(inbox + key.substr(prefix.size())));
      if (!row) return Damaged("journal", "a notification of '" + recipient + "' is not there");
      GREFFE_ASSIGN_OR_RETURN(unread.emplace_back(), Parse(*row));
    }
    GREFFE_RETURN_IF_ERROR(AcknowledgeRows(recipient, unread));
    count += static_cast<std::int64_t>(unread.size());
    if (static_cast<int>(unread.size()) < kNotificationsAtOnce) break;
  }
  return count;
}

absl::Status Inbox::AcknowledgeRows(const std::string& recipient, const std::vector<v1::Notification>& notifications) {
  if (notifications.empty()) return absl::OkStatus();
  CommitGroup group = NewServerGroup();
  for (v1::Notification notification : notifications) {
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t number, ParseNotificationName(notification.name(), "name"));
    *notification.mutable_acknowledge_time() = ToTimestamp(clock_.Now());
    group.state.push_back({RowsOf(kInbox, recipient) + NumberKey(number), notification.SerializeAsString()});
    group.state.push_back({RowsOf(kUnread, recipient) + NumberKey(number), std::nullopt});
  }
  Counts counts = CountsOf(recipient);
  counts.unread -= static_cast<std::int64_t>(notifications.size());
  group.state.push_back({std::string(kCounts) + recipient, NumberKey(counts.all) + NumberKey(counts.unread)});
  GREFFE_RETURN_IF_ERROR(journal_.Append(group));
  counts_[recipient] = counts;
  return absl::OkStatus();
}

Inbox::Counts Inbox::CountsIn(const std::string& row) { return {NumberOfKey(row.substr(0, 8)), NumberOfKey(row)}; }

Inbox::Counts Inbox::CountsOf(const std::string& recipient) const {
  const auto found = counts_.find(recipient);
  return found == counts_.end() ? Counts{} : found->second;
}

absl::Status Inbox::Remove(const std::string& recipient, const Rows& rows, std::size_t count, CommitGroup& group,
                           Counts& counts) const {
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [key, value] = rows[i];
    GREFFE_ASSIGN_OR_RETURN(const v1::Notification notification, Parse(value));
    group.state.push_back({key, std::nullopt});
    --counts.all;
    if (notification.has_acknowledge_time()) continue;
    group.state.push_back({RowsOf(kUnread, recipient) + key.substr(RowsOf(kInbox, recipient).size()), std::nullopt});
    --counts.unread;
  }
  return absl::OkStatus();
}

absl::Status Inbox::RemoveOld(Micros now) {
  std::vector<std::string> recipients;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [recipient, counts] : counts_) recipients.push_back(recipient);
  }
  for (const std::string& recipient : recipients) {
    while (true) {
      const std::lock_guard lock(mutex_);
      GREFFE_ASSIGN_OR_RETURN(const bool more, RemoveSomeOld(recipient, now));
      if (!more) break;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Inbox::RemoveSomeOld(const std::string& recipient, Micros now) {
  GREFFE_ASSIGN_OR_RETURN(const Rows rows, journal_.ScanState(RowsOf(kInbox, recipient), "", kNotificationsAtOnce));
  std::size_t old = 0;
  for (; old < rows.size(); ++old) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Notification notification, Parse(rows[old].second));
    if (ToMicros(notification.create_time()) >= OldestKept(now)) break;
  }
  if (old == 0) return false;
  CommitGroup group = NewServerGroup();
  Counts counts = CountsOf(recipient);
  GREFFE_RETURN_IF_ERROR(Remove(recipient, rows, old, group, counts));
  group.state.push_back({std::string(kCounts) + recipient, NumberKey(counts.all) + NumberKey(counts.unread)});
  GREFFE_RETURN_IF_ERROR(journal_.Append(group));
  counts_[recipient] = counts;
  return old == rows.size();
}

absl::Status Inbox::ForgetTold(
    Micros now, const std::function<absl::StatusOr<bool>(const v1::Notification& told)>& may_come_again) {
  std::string after;
  while (true) {
    const std::lock_guard lock(mutex_);
    GREFFE_ASSIGN_OR_RETURN(const Rows rows, journal_.ScanState(kToldRows, after, kNotificationsAtOnce));
    CommitGroup group = NewServerGroup();
    for (const auto& [key, value] : rows) {
      after = key;
      GREFFE_ASSIGN_OR_RETURN(const v1::Notification told, ParseToldRow(value));
      if (ToMicros(told.create_time()) >= OldestKept(now)) continue;
      GREFFE_ASSIGN_OR_RETURN(const bool keep, may_come_again(told));
      if (!keep) group.state.push_back({key, std::nullopt});
    }
    if (!group.state.empty()) GREFFE_RETURN_IF_ERROR(journal_.Append(group));
    if (static_cast<int>(rows.size()) < kNotificationsAtOnce) return absl::OkStatus();
  }
}

std::uint64_t Inbox::Subscribe(const std::string& recipient, std::function<void()> wake) {
  const std::lock_guard lock(subscriptions_mutex_);
  subscriptions_.emplace(++last_subscription_, std::make_pair(recipient, std::move(wake)));
  return last_subscription_;
}

void Inbox::Unsubscribe(std::uint64_t subscription) {
  const std::lock_guard lock(subscriptions_mutex_);
  subscriptions_.erase(subscription);
}

}  // namespace greffe
