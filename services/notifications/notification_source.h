// Where a stream of a person's notifications stands, and what comes next there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/notifications.pb.h"
#include "storage/store/inbox.h"

namespace greffe {

// A position is the number of a notification. See WatchStream.
class NotificationSource {
 public:
  // INVALID_ARGUMENT (CURSOR_INVALID).
  static absl::StatusOr<NotificationSource> Open(Inbox& inbox, std::string recipient,
                                                 const v1::WatchNotificationsRequest& request);

  absl::StatusOr<std::vector<v1::WatchNotificationsResponse>> Next(int limit);
  std::string Cursor() const;
  bool AtEndOfStart() const { return position_ >= end_; }
  std::function<void()> Subscribe(std::function<void()> wake) const;

 private:
  NotificationSource(Inbox& inbox, std::string recipient) : inbox_(&inbox), recipient_(std::move(recipient)) {}

  Inbox* inbox_;
  std::string recipient_;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace greffe
