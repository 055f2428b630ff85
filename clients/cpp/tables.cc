#include "clients/cpp/tables.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

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

// One export, over as many streams as it takes. Each is the whole table, of the sequence that the first one showed.
class TableDownload {
 public:
  TableDownload(Client& client, v1::ExportTableRequest request, const TableSink& sink)
      : client_(client), request_(std::move(request)), sink_(sink) {}

  absl::Status Run() {
    Backoff backoff(client_.options().retry, Backoff::Clock::time_point::max());
    while (true) {
      const std::size_t before = bytes_;
      const absl::Status status = Stream();
      if (status.ok() || !failure_.ok() || !IsRetryable(status)) return status;
      if (bytes_ > before) backoff.Reset();
      if (!backoff.Wait(status)) return status;
    }
  }

 private:
  absl::Status Stream() {
    grpc::ClientContext context;
    client_.Prepare(context);
    StallGuard guard(context, client_.options().stall_timeout);
    const auto stream = client_.stubs().tables->ExportTable(&context, request_);
    std::size_t bytes = 0;
    int rows = 0;
    v1::ExportTableResponse piece;
    while (failure_.ok() && stream->Read(&piece)) {
      guard.Pause();
      if (bytes == 0) failure_ = TakeSequence(piece.sequence());
      bytes += piece.data().size();
      rows += piece.row_count();
      if (failure_.ok() && bytes > bytes_) failure_ = Give(piece, bytes, rows);
      guard.Progress();
    }
    if (!failure_.ok()) context.TryCancel();
    const absl::Status status = FromGrpc(stream->Finish());
    if (!failure_.ok()) return failure_;
    return guard.Fired() ? absl::UnavailableError("export stalled") : status;
  }

  absl::Status TakeSequence(std::int64_t sequence) {
    if (bytes_ > 0 && sequence != sequence_) {
      return absl::InternalError("the table is of sequence " + std::to_string(sequence) + " now, and was of " +
                                 std::to_string(sequence_) + " before it broke");
    }
    sequence_ = sequence;
    // What a baseline froze does not change, and is not all that there was at its sequence.
    if (request_.as_of().baseline().empty()) request_.mutable_as_of()->set_sequence(sequence);
    return absl::OkStatus();
  }

  // What the sink has not had of `piece`, with which this stream has had so many bytes and rows.
  absl::Status Give(v1::ExportTableResponse& piece, std::size_t bytes, int rows) {
    piece.mutable_data()->erase(0, piece.data().size() - (bytes - bytes_));
    piece.set_row_count(rows - rows_);
    if (bytes_ > 0) piece.clear_sequence();
    bytes_ = bytes;
    rows_ = rows;
    return sink_(piece);
  }

  Client& client_;
  v1::ExportTableRequest request_;
  const TableSink& sink_;
  std::int64_t sequence_ = 0;
  std::size_t bytes_ = 0;  // that the sink had
  int rows_ = 0;           // that it was told of
  absl::Status failure_;   // of the sink's, or one that another stream does not cure
};

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
  return TableDownload(client, request, sink).Run();
}

}  // namespace greffe::client
