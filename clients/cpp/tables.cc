#include "clients/cpp/tables.h"

#include <algorithm>
#include <string>

#include "clients/cpp/retry.h"
#include "clients/cpp/stall_guard.h"
#include "clients/cpp/stubs.h"

namespace greffe::client {
namespace {

absl::StatusOr<v1::ImportTableResponse> SendOnce(Client& client, const v1::ImportTableRequest& request,
                                                 std::string_view bytes) {
  grpc::ClientContext context;
  client.Prepare(context);
  StallGuard guard(context, client.options().stall_timeout);
  v1::ImportTableResponse response;
  const auto stream = client.stubs().tables->ImportTable(&context, &response);
  v1::ImportTableRequest message = request;
  const auto chunk = static_cast<std::size_t>(client.options().upload_chunk);
  std::size_t at = 0;
  do {
    const std::size_t length = std::min(chunk, bytes.size() - at);
    message.set_data(std::string(bytes.substr(at, length)));
    if (!stream->Write(message)) break;
    guard.Progress();
    at += length;
    message.Clear();
  } while (at < bytes.size());
  stream->WritesDone();
  const absl::Status status = FromGrpc(stream->Finish());
  if (guard.Fired()) return absl::UnavailableError("import stalled");
  if (!status.ok()) return status;
  return response;
}

}  // namespace

absl::StatusOr<v1::ImportTableResponse> ImportTable(Client& client, v1::ImportTableRequest request,
                                                    std::string_view bytes) {
  if (request.request_id().empty()) request.set_request_id(client.NextRequestId());
  request.set_size(static_cast<std::int64_t>(bytes.size()));
  Backoff backoff(client.options().retry, Backoff::Clock::time_point::max());
  while (true) {
    absl::StatusOr<v1::ImportTableResponse> response = SendOnce(client, request, bytes);
    if (response.ok() || !IsRetryable(response.status()) || !backoff.Wait(response.status())) return response;
  }
}

absl::Status ExportTable(Client& client, const v1::ExportTableRequest& request, const TableSink& sink) {
  Backoff backoff(client.options().retry, Backoff::Clock::time_point::max());
  while (true) {
    grpc::ClientContext context;
    client.Prepare(context);
    StallGuard guard(context, client.options().stall_timeout);
    const auto stream = client.stubs().tables->ExportTable(&context, request);
    absl::Status failure;
    bool begun = false;
    v1::ExportTableResponse piece;
    while (failure.ok() && stream->Read(&piece)) {
      begun = true;
      guard.Pause();
      failure = sink(piece);
      guard.Progress();
    }
    if (!failure.ok()) context.TryCancel();
    absl::Status status = FromGrpc(stream->Finish());
    if (!failure.ok()) return failure;
    if (guard.Fired()) status = absl::UnavailableError("export stalled");
    if (status.ok() || begun || !IsRetryable(status) || !backoff.Wait(status)) return status;
  }
}

}  // namespace greffe::client
