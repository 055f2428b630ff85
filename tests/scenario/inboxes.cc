#include "tests/scenario/inboxes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "greffe/v1/notifications.grpc.pb.h"
#include "tests/scenario/views.h"

namespace greffe {
namespace {

std::string LineOf(const v1::Notification& notification) {
  std::string line = notification.recipient() + " " +
                     v1::NotificationKind_Name(notification.kind()).substr(sizeof("NOTIFICATION_KIND_") - 1) + " " +
                     notification.resource().substr(sizeof(kStation));
  if (!notification.due_date().empty()) line += " " + notification.due_date();
  return line;
}

bool MayBeDone(const v1::Notification& notification) {
  const bool due =
      notification.kind() == v1::NOTIFICATION_KIND_DUE || notification.kind() == v1::NOTIFICATION_KIND_OVERDUE;
  return due &&
         (notification.recipient() == "client" || notification.resource().find("/checklistRuns/") != std::string::npos);
}

}  // namespace

std::vector<std::string> Inboxes::News(const std::shared_ptr<grpc::Channel>& channel,
                                       const std::vector<std::string>& expected) {
  const std::unique_ptr<v1::Notifications::Stub> stub = v1::Notifications::NewStub(channel);
  std::vector<std::string> news;
  for (const char* person : {"client", "lea", "marie", "paul", "supplier", "tom"}) {
    const auto count = std::count_if(expected.begin(), expected.end(), [&](const std::string& line) {
      return line.starts_with(std::string(person) + " ");
    });
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    context.AddMetadata("greffe-principal", person);
    v1::WatchNotificationsRequest request;
    if (!cursors_[person].empty()) request.set_cursor(cursors_[person]);
    const auto stream = stub->WatchNotifications(&context, request);
    v1::WatchNotificationsResponse response;
    // The first mark says that everything which is there was sent.
    std::ptrdiff_t came = 0;
    bool caught_up = false;
    while ((!caught_up || came < count) && stream->Read(&response)) {
      cursors_[person] = response.cursor();
      caught_up = caught_up || !response.has_notification();
      if (!response.has_notification() || MayBeDone(response.notification())) continue;
      news.push_back(LineOf(response.notification()));
      ++came;
    }
    EXPECT_GE(came, count) << person;
    context.TryCancel();
    stream->Finish();
  }
  std::sort(news.begin(), news.end());
  return news;
}

}  // namespace greffe
