#include "services/notifications/notifications_service.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "services/call/asked_page.h"
#include "services/call/page_bytes.h"
#include "services/call/unary.h"
#include "services/call/watch_stream.h"
#include "services/notifications/digest.h"
#include "services/notifications/notification_source.h"
#include "storage/base/clock.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/notice_rules.h"
#include "storage/store/inbox.h"

namespace greffe {
namespace {

constexpr int kMaxAcknowledged = 1000;
constexpr int kMaxKinds = 20;
constexpr int kDigestPage = 500;

absl::StatusOr<InboxQuery> QueryOf(const v1::ListNotificationsRequest& request) {
  InboxQuery query;
  query.unread = request.unread();
  query.project = request.project();
  if (!query.project.empty()) GREFFE_RETURN_IF_ERROR(ParseProjectName(query.project, "project").status());
  if (request.kinds_size() > kMaxKinds) {
    return InvalidValue("kinds", std::to_string(request.kinds_size()), "at most 20 are allowed");
  }
  for (int i = 0; i < request.kinds_size(); ++i) {
    GREFFE_RETURN_IF_ERROR(CheckNotificationKind(request.kinds(i), "kinds[" + std::to_string(i) + "]"));
    query.kinds.push_back(request.kinds(i));
  }
  return query;
}

absl::Status CheckTime(bool given, const google::protobuf::Timestamp& time, const std::string& field) {
  if (!given || IsTimestamp(time)) return absl::OkStatus();
  return InvalidField(field, "FIELD_INVALID", "is no time of the years 1 to 9999");
}

// Of the recipient, told in [from, to), oldest first.
absl::StatusOr<std::vector<v1::Notification>> ToldBetween(const Inbox& inbox, const std::string& recipient, bool unread,
                                                          Micros from, Micros to) {
  std::vector<v1::Notification> told;
  InboxQuery query;
  query.unread = unread;
  std::int64_t before = 0;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(std::vector<v1::Notification> page, inbox.List(recipient, query, before, kDigestPage));
    for (v1::Notification& notification : page) {
      const Micros time = ToMicros(notification.create_time());
      GREFFE_ASSIGN_OR_RETURN(before, ParseNotificationName(notification.name(), "name"));
      // They are in the order of their numbers: after a clock that jumped, older ones may have later times.
      if (from <= time && time < to) told.push_back(std::move(notification));
    }
    if (static_cast<int>(page.size()) == kDigestPage) continue;
    std::reverse(told.begin(), told.end());
    return told;
  }
}

}  // namespace

grpc::ServerUnaryReactor* NotificationsService::ListNotifications(grpc::CallbackServerContext* context,
                                                                  const v1::ListNotificationsRequest* request,
                                                                  v1::ListNotificationsResponse* response) {
  absl::StatusOr<v1::Principal> caller = CallerOf(*context);
  return AnswerFromPool(
      runtime_, context, "Notifications.ListNotifications",
      [this, caller = std::move(caller), request, response]() -> absl::Status {
        GREFFE_RETURN_IF_ERROR(caller.status());
        GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request, caller->id()));
        GREFFE_ASSIGN_OR_RETURN(const InboxQuery inbox_query, QueryOf(*request));
        const Inbox& inbox = runtime_.store.inbox();
        GREFFE_ASSIGN_OR_RETURN(std::vector<v1::Notification> notifications,
                                inbox.List(caller->id(), inbox_query, asked.begin.sequence, asked.size + 1));
        if (const std::size_t fit = CountThatFit(notifications, asked.size); fit < notifications.size()) {
          notifications.resize(fit);
          GREFFE_ASSIGN_OR_RETURN(const std::int64_t last, ParseNotificationName(notifications.back().name(), "name"));
          response->set_next_page_token(NextPageToken(runtime_, asked, last, ""));
        }
        for (v1::Notification& notification : notifications) {
          *response->add_notifications() = std::move(notification);
        }
        GREFFE_ASSIGN_OR_RETURN(const std::int64_t unread, inbox.CountUnread(caller->id()));
        response->set_unread_count(unread);
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<v1::WatchNotificationsResponse>* NotificationsService::WatchNotifications(
    grpc::CallbackServerContext* context, const v1::WatchNotificationsRequest* request) {
  return NewWatchStream<NotificationSource, v1::WatchNotificationsResponse>(
      runtime_, watchers_, context, "Notifications.WatchNotifications",
      [this, caller = CallerOf(*context), asked = *request]() -> absl::StatusOr<NotificationSource> {
        GREFFE_RETURN_IF_ERROR(caller.status());
        return NotificationSource::Open(runtime_.store.inbox(), caller->id(), asked);
      },
      request->stop_at_end());
}

grpc::ServerUnaryReactor* NotificationsService::AcknowledgeNotifications(
    grpc::CallbackServerContext* context, const v1::AcknowledgeNotificationsRequest* request,
    v1::AcknowledgeNotificationsResponse* response) {
  absl::StatusOr<v1::Principal> caller = CallerOf(*context);
  return AnswerFromPool(
      runtime_, context, "Notifications.AcknowledgeNotifications",
      [this, caller = std::move(caller), request, response]() -> absl::Status {
        GREFFE_RETURN_IF_ERROR(caller.status());
        if (request->names_size() > kMaxAcknowledged) {
          return InvalidValue("names", std::to_string(request->names_size()), "at most 1,000 are allowed");
        }
        std::vector<std::int64_t> numbers;
        for (int i = 0; i < request->names_size(); ++i) {
          GREFFE_ASSIGN_OR_RETURN(numbers.emplace_back(),
                                  ParseNotificationName(request->names(i), "names[" + std::to_string(i) + "]"));
        }
        std::int64_t up_to = 0;
        if (!request->up_to().empty()) {
          GREFFE_ASSIGN_OR_RETURN(up_to, ParseNotificationName(request->up_to(), "up_to"));
        }
        Inbox& inbox = runtime_.store.inbox();
        GREFFE_ASSIGN_OR_RETURN(const std::int64_t count, inbox.Acknowledge(caller->id(), numbers, up_to));
        response->set_acknowledged_count(count);
        GREFFE_ASSIGN_OR_RETURN(const std::int64_t unread, inbox.CountUnread(caller->id()));
        response->set_unread_count(unread);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* NotificationsService::GetDigest(grpc::CallbackServerContext* context,
                                                          const v1::GetDigestRequest* request, v1::Digest* response) {
  absl::StatusOr<v1::Principal> caller = CallerOf(*context);
  return AnswerFromPool(runtime_, context, "Notifications.GetDigest",
                        [this, caller = std::move(caller), request, response]() -> absl::Status {
                          GREFFE_RETURN_IF_ERROR(caller.status());
                          const std::string language = request->language().empty() ? "en" : request->language();
                          if (language != "en" && language != "fr")
                            return InvalidValue("language", language, "expected en or fr");
                          GREFFE_RETURN_IF_ERROR(CheckTime(request->has_from(), request->from(), "from"));
                          GREFFE_RETURN_IF_ERROR(CheckTime(request->has_to(), request->to(), "to"));
                          const Micros to = request->has_to() ? ToMicros(request->to()) : runtime_.clock.Now() + 1;
                          const Micros from = request->has_from() ? ToMicros(request->from()) : to - kMicrosPerDay;
                          if (from > to) return InvalidField("to", "FIELD_INVALID", "is before `from`");
                          GREFFE_ASSIGN_OR_RETURN(
                              const std::vector<v1::Notification> told,
                              ToldBetween(runtime_.store.inbox(), caller->id(), request->unread(), from, to));
                          response->set_text(DigestText(told, language, [this](const std::string& project) {
                            const auto id = ParseProjectName(project);
                            if (!id.ok()) return project;
                            const auto view = runtime_.store.View(*id);
                            if (!view.ok()) return *id;
                            const auto record = view->GetProject();
                            return record.ok() ? record->title() : *id;
                          }));
                          response->set_notification_count(static_cast<std::int64_t>(told.size()));
                          *response->mutable_from() = ToTimestamp(from);
                          *response->mutable_to() = ToTimestamp(to);
                          return absl::OkStatus();
                        });
}

}  // namespace greffe
