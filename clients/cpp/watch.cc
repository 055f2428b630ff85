#include "clients/cpp/watch.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "clients/cpp/retry.h"
#include "clients/cpp/stall_guard.h"
#include "clients/cpp/stubs.h"

namespace greffe::client {

absl::Status WatchChanges(Client& client, v1::WatchChangesRequest request, const OnChange& on_change) {
  Backoff backoff(client.options().retry, Backoff::Clock::time_point::max());
  // A feed over all projects may repeat itself after a resumption.
  std::map<std::string, std::int64_t> given;
  while (true) {
    grpc::ClientContext context;
    client.Prepare(context);
    StallGuard guard(context, client.options().stall_timeout);
    const auto stream = client.stubs().changes->WatchChanges(&context, request);
    bool wanted = true;
    v1::WatchChangesResponse message;
    while (wanted && stream->Read(&message)) {
      guard.Pause();
      backoff.Reset();
      bool repeated = false;
      if (message.has_change()) {
        std::int64_t& last = given[message.change().project()];
        repeated = message.change().sequence() <= last;
        last = std::max(last, message.change().sequence());
      }
      if (!repeated) wanted = on_change(message);
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
    if (!IsRetryable(status) || !backoff.Wait()) return status;
  }
}

}  // namespace greffe::client
