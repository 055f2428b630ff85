// Downloads: bytes from one position to another, in pieces, each of which is read while the one before is on its way.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/call/call_log.h"
#include "services/call/runtime.h"
#include "services/call/status.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"

namespace greffe {

// OUT_OF_RANGE (RANGE_INVALID) unless `offset` lies in, or at the end of, `size` bytes.
inline absl::Status CheckOffset(std::int64_t offset, std::int64_t size) {
  if (offset >= 0 && offset <= size) return absl::OkStatus();
  return Error(absl::StatusCode::kOutOfRange, "RANGE_INVALID",
               "offset '" + std::to_string(offset) + "': the file has " + std::to_string(size) + " bytes",
               {{"size", std::to_string(size)}});
}

// `Response` has offset, data and crc32c. Deletes itself.
template <typename Response>
class PieceStream : public grpc::ServerWriteReactor<Response> {
 public:
  PieceStream(const Runtime& runtime, grpc::CallbackServerContext* context, const char* method)
      : runtime_(runtime), log_(context, method) {}

  // Once it is whole.
  void Start() {
    runtime_.pool.Continue([this] {
      filled_ = BeginAndFill();
      Send();
    });
  }

  void OnWriteDone(bool ok) override {
    written_ = ok;
    Arrive();
  }

  void OnDone() override { delete this; }

 protected:
  struct Range {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  // Finds what is asked for; `first` gets what the first piece says beside its bytes. On the pool, as Read.
  virtual absl::StatusOr<Range> Begin(Response& first) = 0;
  // Exactly `length` bytes from `position` on.
  virtual absl::Status Read(std::int64_t position, std::int64_t length, char* buffer) = 0;
  // Takes away what only the first piece says; the bytes are written over.
  virtual void ClearHead(Response& piece) const = 0;

  const Runtime& runtime_;

 private:
  // The piece that was filled goes out, and the next one is filled. On the pool.
  void Send() {
    if (!written_) filled_ = absl::CancelledError("the caller is gone");
    if (!filled_.ok() || sent_all_) {
      log_.End(filled_);
      this->Finish(ToGrpcStatus(filled_));
      return;
    }
    sent_all_ = position_ == end_;
    const bool last =
        sent_all_;  // when it is, the other side may have all, and `this` be gone, before StartWrite returns
    awaited_ = last ? 1 : 2;
    Response& piece = pieces_[current_];
    current_ = 1 - current_;
    this->StartWrite(&piece);
    if (last) return;
    ClearHead(pieces_[current_]);
    filled_ = Fill();
    Arrive();
  }

  // One of two has come: a piece is written, the next one filled. The second goes on.
  void Arrive() {
    if (awaited_.fetch_sub(1) == 1) runtime_.pool.Continue([this] { Send(); });
  }

  absl::Status BeginAndFill() {
    GREFFE_ASSIGN_OR_RETURN(const Range range, Begin(pieces_[0]));
    position_ = range.begin;
    end_ = range.end;
    return Fill();
  }

  absl::Status Fill() {
    Response& piece = pieces_[current_];
    const std::int64_t length = std::min(runtime_.limits.chunk_bytes, end_ - position_);
    piece.set_offset(position_);
    std::string& data = *piece.mutable_data();
    data.resize(static_cast<std::size_t>(length));
    GREFFE_RETURN_IF_ERROR(Read(position_, length, data.data()));
    piece.set_crc32c(Crc32c(data));
    position_ += length;
    return absl::OkStatus();
  }

  const CallLog log_;
  Response pieces_[2];
  int current_ = 0;  // that is filled
  std::atomic<int> awaited_ = 0;
  absl::Status filled_;
  bool written_ = true;
  bool sent_all_ = false;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace greffe
