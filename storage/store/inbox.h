// What people were told. Notifications are state rows of the journal, and with them how far each project's rules were
// looked at: both change in one append, so that nothing is told twice and nothing is missed, whenever the server ends.
// What is too much for one append is told in several, each with how far it goes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/notifications.pb.h"
#include "storage/base/clock.h"
#include "storage/journal/journal.h"
#include "storage/store/notice_progress.h"
#include "storage/store/outbox.h"

namespace greffe {

struct InboxLimits {
  std::int64_t count = 10'000;  // of one person; above it the oldest go, read or not
  int days = 400;               // after which a notification goes
};

struct InboxQuery {
  bool unread = false;
  std::string project;                      // "projects/{id}"; "": any
  std::vector<v1::NotificationKind> kinds;  // empty: any
};

// Thread-safe.
class Inbox {
 public:
  // How far projects were looked at.
  using Progress = std::map<std::string, NoticeProgress>;

  // All outlive it.
  Inbox(const InboxLimits& limits, Journal& journal, Outbox& outbox, const Clock& clock)
      : limits_(limits), journal_(journal), outbox_(outbox), clock_(clock) {}

  absl::Status Load();

  // Whether anything was ever appended here.
  absl::StatusOr<bool> HasBegun() const;
  // nullopt: it was never looked at.
  absl::StatusOr<std::optional<NoticeProgress>> FindProgress(const std::string& project) const {
    return ReadNoticeProgress(journal_, project);
  }

  // Puts each notification into its recipient's inbox and before the webhooks that want it, but for what time brings
  // and was told before; with it, as one append, `progress`. When nothing of it is new, `progress` alone is worth an
  // append only if `keep_progress`. False: nothing was appended.
  absl::StatusOr<bool> Tell(std::vector<v1::Notification> notifications, const Progress& progress, bool keep_progress);

  // Newest first, below the number `before` (0: from the newest on), at most `limit`.
  absl::StatusOr<std::vector<v1::Notification>> List(const std::string& recipient, const InboxQuery& query,
                                                     std::int64_t before, int limit) const;
  // Oldest first, above the number `after`, at most `limit`.
  absl::StatusOr<std::vector<v1::Notification>> ListAfter(const std::string& recipient, std::int64_t after,
                                                          int limit) const;
  absl::StatusOr<std::int64_t> CountUnread(const std::string& recipient) const;
  // The newest number of all inboxes.
  absl::StatusOr<std::int64_t> Newest() const;

  // Marks the recipient's notifications of these numbers, and all up to `up_to`, as read; how many were not. NOT_FOUND
  // (NOTIFICATION_NOT_FOUND).
  absl::StatusOr<std::int64_t> Acknowledge(const std::string& recipient, const std::vector<std::int64_t>& numbers,
                                           std::int64_t up_to);

  // Takes away what is older than the limit at `now`.
  absl::Status RemoveOld(Micros now);
  // Forgets what time brought before that moment too, but for what `may_come_again` says that it would be told again.
  absl::Status ForgetTold(Micros now,
                          const std::function<absl::StatusOr<bool>(const v1::Notification& told)>& may_come_again);

  // Calls `wake` when the recipient was told something, until Unsubscribe returns. It is short, and calls nothing here.
  std::uint64_t Subscribe(const std::string& recipient, std::function<void()> wake);
  void Unsubscribe(std::uint64_t subscription);

 private:
  struct Counts {
    std::int64_t all = 0;
    std::int64_t unread = 0;
  };
  using Rows = std::vector<std::pair<std::string, std::string>>;

  Micros OldestKept(Micros now) const { return now - limits_.days * kMicrosPerDay; }
  static Counts CountsIn(const std::string& row);
  // All with `mutex_` held.
  Counts CountsOf(const std::string& recipient) const;
  // Adds to `group` that the first `count` of the rows of the recipient's inbox go.
  absl::Status Remove(const std::string& recipient, const Rows& rows, std::size_t count, CommitGroup& group,
                      Counts& counts) const;
  absl::Status AcknowledgeRows(const std::string& recipient, const std::vector<v1::Notification>& notifications);
  absl::StatusOr<bool> RemoveSomeOld(const std::string& recipient, Micros now);

  const InboxLimits limits_;
  Journal& journal_;
  Outbox& outbox_;
  const Clock& clock_;
  // Held over appends: numbers are given in the order of the rows. Whoever only reads asks the journal, and waits for
  // no sync.
  std::mutex mutex_;
  std::int64_t newest_ = 0;
  std::map<std::string, Counts> counts_;  // by recipient
  std::mutex subscriptions_mutex_;
  std::uint64_t last_subscription_ = 0;
  std::map<std::uint64_t, std::pair<std::string, std::function<void()>>> subscriptions_;
};

// `notifications/{number}`.
std::string NotificationName(std::int64_t number);
// INVALID_ARGUMENT (NAME_INVALID) naming `field`.
absl::StatusOr<std::int64_t> ParseNotificationName(std::string_view name, const std::string& field);

}  // namespace greffe
