#include "clients/cpp/watch.h"

#include <cstdint>
#include <map>
#include <string>

#include "clients/cpp/retry.h"
#include "clients/cpp/stall_guard.h"
#include "clients/cpp/stubs.h"
#include "google/protobuf/util/time_util.h"

namespace greffe::client {
namespace {

// `open(context, request)` gives a stream of responses with cursors; `take` one of them.
template <typename Response, typename Request, typename Open>
absl::Status Follow(Client& client, Request request, const Open& open,
                    const std::function<bool(const Response&)>& take) {
  Backoff backoff(client.options().retry, Backoff::Clock::time_point::max());
  while (true) {
    grpc::ClientContext context;
    client.Prepare(context);
    StallGuard guard(context, client.options().stall_timeout);
    const auto stream = open(&context, request);
    bool wanted = true;
    Response message;
    while (wanted && stream->Read(&message)) {
      guard.Pause();
      backoff.Reset();
      wanted = take(message);
      if (!message.cursor().empty()) request.set_cursor(message.cursor());
      guard.Progress();
    }
    if (!wanted) context.TryCancel();
    absl::Status status = FromGrpc(stream->Finish());
    if (!wanted) return absl::OkStatus();
    if (guard.Fired()) status = absl::UnavailableError("watch stalled");
    if (status.ok() && request.stop_at_end()) return status;
    // A feed without an end that ends, or that somebody else cancels: the server is stopping.
    if (status.ok() || absl::IsCancelled(status)) status = absl::UnavailableError("watch ended");
    if (!IsRetryable(status) || !backoff.Wait(status)) return status;
  }
}

}  // namespace

absl::Status WatchChanges(Client& client, v1::WatchChangesRequest request, const OnChange& on_change) {
  // A feed over all projects may repeat itself after a resumption. A project that went back to an older state has its
  // later sequences once more, recorded later.
  struct Given {
    std::int64_t sequence = 0;
    google::protobuf::Timestamp record_time;
  };
  std::map<std::string, Given> given;  // last, by project
  return Follow<v1::WatchChangesResponse>(
      client, std::move(request),
      [&client](grpc::ClientContext* context, const v1::WatchChangesRequest& asked) {
        return client.stubs().changes->WatchChanges(context, asked);
      },
      [&](const v1::WatchChangesResponse& message) {
        if (message.has_change()) {
          const v1::Change& change = message.change();
          Given& last = given[change.project()];
          if (change.sequence() <= last.sequence && change.record_time() <= last.record_time) return true;
          last = {change.sequence(), change.record_time()};
        }
        return on_change(message);
      });
}

absl::Status WatchNotifications(Client& client, v1::WatchNotificationsRequest request,
                                const OnNotification& on_notification) {
  return Follow<v1::WatchNotificationsResponse>(
      client, std::move(request),
      [&client](grpc::ClientContext* context, const v1::WatchNotificationsRequest& asked) {
        return client.stubs().notifications->WatchNotifications(context, asked);
      },
      on_notification);
}

}  // namespace greffe::client
