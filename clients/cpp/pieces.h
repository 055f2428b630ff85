// Bytes that come in pieces, over as many streams as it takes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/checksums.h"
#include "clients/cpp/client.h"
#include "clients/cpp/content_source.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/stall_guard.h"
#include "grpcpp/support/sync_stream.h"

namespace greffe::client {

// Takes bytes in order. An error ends the transfer and is its outcome.
using ContentSink = std::function<absl::Status(std::string_view data)>;

// A method that sends pieces: a `Response` has offset, data and crc32c.
template <typename Response>
struct PieceSource {
  // A stream of what lies from `offset` on.
  std::function<std::unique_ptr<grpc::ClientReader<Response>>(grpc::ClientContext& context, std::int64_t offset)> open;
  // What each stream's first piece says beside its bytes; answers where the bytes that are asked for end.
  std::function<absl::StatusOr<std::int64_t>(const Response& first)> head;
};

// One transfer; see ReadPieces.
template <typename Response>
class PieceReader {
 public:
  PieceReader(Client& client, const PieceSource<Response>& source, std::int64_t begin, const ContentSink& sink,
              const TransferProgress& progress)
      : client_(client), source_(source), sink_(sink), progress_(progress), next_(begin) {}

  absl::Status Run() {
    Backoff backoff(client_.options().retry, Backoff::Clock::time_point::max());
    while (true) {
      const std::int64_t before = next_;
      const absl::Status status = Stream();
      if (!local_.ok()) return local_;
      // All bytes are here: what became of the stream after them is of no interest.
      if (next_ == end_) return absl::OkStatus();
      if (!status.ok() && !IsRetryable(status) && !damaged_) return status;
      if (next_ > before) backoff.Reset();
      if (!backoff.Wait(status)) return status.ok() ? absl::UnavailableError("download ended early") : status;
    }
  }

 private:
  absl::Status Stream() {
    damaged_ = false;
    grpc::ClientContext context;
    client_.Prepare(context);
    StallGuard guard(context, client_.options().stall_timeout);
    const auto stream = source_.open(context, next_);
    absl::Status failure;
    Response piece;
    for (bool first = true; failure.ok() && stream->Read(&piece); first = false) {
      guard.Pause();
      if (first) failure = local_ = TakeHead(piece);
      if (failure.ok()) failure = Take(piece);
      guard.Progress();
    }
    if (!failure.ok()) context.TryCancel();
    const absl::Status status = FromGrpc(stream->Finish());
    if (!failure.ok()) return failure;
    if (guard.Fired()) return absl::UnavailableError("download stalled");
    return status;
  }

  absl::Status TakeHead(const Response& first) {
    const absl::StatusOr<std::int64_t> end = source_.head(first);
    if (!end.ok()) return end.status();
    if (end_ >= 0 && *end != end_) {
      return absl::InternalError("download ends at " + std::to_string(*end) + " now, and ended at " +
                                 std::to_string(end_) + " before it broke");
    }
    end_ = *end;
    return absl::OkStatus();
  }

  absl::Status Take(const Response& piece) {
    const std::string& data = piece.data();
    if (data.empty()) return absl::OkStatus();
    if (piece.offset() != next_ || static_cast<std::int64_t>(data.size()) > end_ - next_) {
      return local_ = absl::InternalError("download went on at " + std::to_string(piece.offset()) + " instead of " +
                                          std::to_string(next_));
    }
    if (const std::uint32_t crc = Crc32c(data); crc != piece.crc32c()) {
      damaged_ = true;
      return MakeError(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH",
                       "a piece at " + std::to_string(next_) + " arrived with checksum \"" + std::to_string(crc) +
                           "\", expected \"" + std::to_string(piece.crc32c()) + "\"");
    }
    local_ = sink_(data);
    if (!local_.ok()) return local_;
    next_ += static_cast<std::int64_t>(data.size());
    if (progress_) progress_(next_);
    return absl::OkStatus();
  }

  Client& client_;
  const PieceSource<Response>& source_;
  const ContentSink& sink_;
  const TransferProgress& progress_;

  std::int64_t next_;      // the first byte that is not here yet
  std::int64_t end_ = -1;  // not known yet
  bool damaged_ = false;   // the last stream ended with a piece that was damaged on its way
  absl::Status local_;     // an error that another stream does not cure
};

// Reads what `source` has from `begin` on into `sink`. A stream that breaks off goes on where it ended, as often as it
// makes progress; every piece is held against its CRC32C and asked for again when it differs.
template <typename Response>
absl::Status ReadPieces(Client& client, const PieceSource<Response>& source, std::int64_t begin,
                        const ContentSink& sink, const TransferProgress& progress) {
  return PieceReader<Response>(client, source, begin, sink, progress).Run();
}

}  // namespace greffe::client
