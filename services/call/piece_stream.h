// Downloads: bytes from one position to another, in pieces. One piece is on its way while the next one is read; its
// bytes are sent from where they were read to.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/call/call_log.h"
#include "services/call/malformed_request.h"
#include "services/call/piece_memory.h"
#include "services/call/raw_message.h"
#include "services/call/runtime.h"
#include "services/call/stream_memory.h"

namespace greffe {

// OUT_OF_RANGE (RANGE_INVALID) unless `offset` lies in, or at the end of, `size` bytes.
absl::Status CheckOffset(std::int64_t offset, std::int64_t size);

// Deletes itself.
class PieceStream : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  PieceStream(const Runtime& runtime, grpc::CallbackServerContext* context, const char* method);

  // Once it is whole.
  void Start();

  void OnWriteDone(bool ok) override;
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { delete this; }

 protected:
  struct Range {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t held = 0;  // bytes of memory that Read needs from now on, beside the pieces
  };
  // A piece's message but for its bytes, which are its field `data_field` and come last.
  struct Head {
    std::string message;
    int data_field = 0;
  };

  // Finds what is asked for. On the pool, as all of these.
  virtual absl::StatusOr<Range> Begin() = 0;
  // The next `length` bytes, from `position` on; how many these were. Fewer of them, or none, where the rest takes long
  // to come by: the caller gets what there is, so that it sees the server at work, and Read is called again.
  virtual absl::StatusOr<std::int64_t> Read(std::int64_t position, std::int64_t length, char* buffer) = 0;
  // Of the next piece.
  virtual Head NextHead(std::int64_t offset, std::uint32_t crc32c) = 0;

  // Whether the caller is gone: a long Read looks, and ends.
  bool cancelled() const { return cancelled_; }

  const Runtime& runtime_;

 private:
  void Send();
  void Arrive();
  absl::Status BeginAndFill();
  absl::Status Fill();

  const CallLog log_;
  StreamShare share_;
  const std::shared_ptr<PieceMemory> memory_;
  grpc::ByteBuffer sending_;
  grpc::ByteBuffer next_;  // that is filled
  std::atomic<int> awaited_ = 0;
  std::atomic<bool> cancelled_ = false;
  absl::Status filled_;
  bool written_ = true;
  bool sent_all_ = false;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
};

// Of a method that takes a `Request` and sends `Response`s, which have offset, data and crc32c.
template <typename Request, typename Response>
class PieceStreamOf : public PieceStream {
 public:
  PieceStreamOf(const Runtime& runtime, grpc::CallbackServerContext* context, const char* method,
                const grpc::ByteBuffer& request)
      : PieceStream(runtime, context, method), parsed_(ParseBuffer(request, request_)) {}

 protected:
  // As PieceStream::Begin; `first` gets what the first piece says beside its bytes.
  virtual absl::StatusOr<Range> Begin(const Request& request, Response& first) = 0;

 private:
  absl::StatusOr<Range> Begin() final {
    if (!parsed_) return MalformedRequest();
    return Begin(request_, next_piece_);
  }

  Head NextHead(std::int64_t offset, std::uint32_t crc32c) final {
    next_piece_.set_offset(offset);
    next_piece_.set_crc32c(crc32c);
    Head head{next_piece_.SerializeAsString(), Response::kDataFieldNumber};
    next_piece_.Clear();
    return head;
  }

  Request request_;
  const bool parsed_;
  Response next_piece_;  // but for its bytes
};

}  // namespace greffe
