#include "services/notifications/notification_source.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kPrefix = "n:";

}  // namespace

absl::StatusOr<NotificationSource> NotificationSource::Open(Inbox& inbox, std::string recipient,
                                                            const v1::WatchNotificationsRequest& request) {
  NotificationSource source(inbox, std::move(recipient));
  GREFFE_ASSIGN_OR_RETURN(source.end_, inbox.Newest());
  if (request.has_from_now() && request.from_now()) source.position_ = source.end_;
  if (!request.has_cursor()) return source;
  const std::string& cursor = request.cursor();
  const char* end = cursor.data() + cursor.size();
  if (cursor.starts_with(kPrefix)) {
    const auto parsed = std::from_chars(cursor.data() + kPrefix.size(), end, source.position_);
    if (parsed.ec == std::errc() && parsed.ptr == end && source.position_ >= 0 && source.position_ <= source.end_) {
      return source;
    }
  }
  return InvalidField("cursor", "CURSOR_INVALID", "is not from a stream of notifications of this server");
}

absl::StatusOr<std::vector<v1::WatchNotificationsResponse>> NotificationSource::Next(int limit) {
  GREFFE_ASSIGN_OR_RETURN(std::vector<v1::Notification> notifications, inbox_->ListAfter(recipient_, position_, limit));
  std::vector<v1::WatchNotificationsResponse> responses;
  for (v1::Notification& notification : notifications) {
    GREFFE_ASSIGN_OR_RETURN(position_, ParseNotificationName(notification.name(), "name"));
    v1::WatchNotificationsResponse& response = responses.emplace_back();
    *response.mutable_notification() = std::move(notification);
    response.set_cursor(Cursor());
  }
  // Others' numbers lie between: up to the newest at the start, all of this recipient's are read.
  if (responses.empty()) position_ = std::max(position_, end_);
  return responses;
}

std::string NotificationSource::Cursor() const { return std::string(kPrefix) + std::to_string(position_); }

std::function<void()> NotificationSource::Subscribe(std::function<void()> wake) const {
  const std::uint64_t subscription = inbox_->Subscribe(recipient_, std::move(wake));
  return [inbox = inbox_, subscription] { inbox->Unsubscribe(subscription); };
}

}  // namespace greffe
