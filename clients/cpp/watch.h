// The change feed, and a person's notifications.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "clients/cpp/client.h"

namespace greffe::client {

// Takes a change or a progress mark; false ends the watch.
using OnChange = std::function<bool(const v1::WatchChangesResponse&)>;

// Calls `on_change` for each message of the feed that `request` describes until it answers false or, with
// `stop_at_end`, the feed ends: OK then. A stream that breaks off, or brings nothing, not even a mark, for the stall
// timeout, goes on after the last message; a change is given once. UNAVAILABLE after as many failures in a row as the
// retry policy allows. With `from_now`, what happens before the first message of the first stream may be missed.
absl::Status WatchChanges(Client& client, v1::WatchChangesRequest request, const OnChange& on_change);

// Takes a notification or a progress mark; false ends the watch.
using OnNotification = std::function<bool(const v1::WatchNotificationsResponse&)>;

// The same of the notifications of who calls.
absl::Status WatchNotifications(Client& client, v1::WatchNotificationsRequest request,
                                const OnNotification& on_notification);

}  // namespace greffe::client
