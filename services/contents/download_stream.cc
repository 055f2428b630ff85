#include "services/contents/download_stream.h"

#include <grpcpp/support/slice.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "greffe/v1/contents.pb.h"
#include "services/call/call_log.h"
#include "services/call/malformed_request.h"
#include "services/call/raw_message.h"
#include "services/call/status.h"
#include "services/contents/fetch.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

// Memory of pieces that were sent, for those to come: fresh memory would be mapped, and cleared, for each. Thread-safe.
class PieceMemory : public std::enable_shared_from_this<PieceMemory> {
 public:
  explicit PieceMemory(std::size_t size) : size_(size) {}

  using Bytes = std::unique_ptr<char[]>;

  Bytes Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return Bytes(new char[size_]);
    Bytes bytes = std::move(free_.back());
    free_.pop_back();
    return bytes;
  }

  // The first `length` bytes; the memory comes back when gRPC has sent them.
  grpc::Slice ToSlice(Bytes bytes, std::size_t length) {
    struct Loan {
      std::shared_ptr<PieceMemory> memory;
      Bytes bytes;
    };
    auto* loan = new Loan{shared_from_this(), std::move(bytes)};
    return grpc::Slice(
        loan->bytes.get(), length,
        [](void* lent) {
          const std::unique_ptr<Loan> back(static_cast<Loan*>(lent));
          back->memory->Return(std::move(back->bytes));
        },
        loan);
  }

 private:
  void Return(Bytes bytes) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(bytes));
  }

  const std::size_t size_;
  std::mutex mutex_;
  std::vector<Bytes> free_;
};

// `rest` is the message but for `data`, which follows it as its last field and is not copied.
grpc::ByteBuffer ToBuffer(const v1::DownloadContentResponse& rest, grpc::Slice data) {
  using google::protobuf::internal::WireFormatLite;
  using google::protobuf::io::CodedOutputStream;
  std::string head = rest.SerializeAsString();
  if (data.size() > 0) {
    std::uint8_t field[10];
    std::uint8_t* end =
        CodedOutputStream::WriteTagToArray(WireFormatLite::MakeTag(v1::DownloadContentResponse::kDataFieldNumber,
                                                                   WireFormatLite::WIRETYPE_LENGTH_DELIMITED),
                                           field);
    end = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(data.size()), end);
    head.append(field, end);
  }
  const grpc::Slice slices[] = {grpc::Slice(head), std::move(data)};
  return grpc::ByteBuffer(slices, 2);
}

// Reads a piece while the one before is on its way.
class DownloadStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  DownloadStream(const Runtime& runtime, grpc::CallbackServerContext* context, const grpc::ByteBuffer* request)
      : runtime_(runtime),
        log_(context, "Contents.DownloadContent"),
        memory_(std::make_shared<PieceMemory>(static_cast<std::size_t>(runtime.limits.chunk_bytes))) {
    filled_ = ParseBuffer(*request, request_) ? absl::OkStatus() : MalformedRequest();
    runtime_.pool.Continue([this] {
      if (filled_.ok()) filled_ = Begin();
      Send();
    });
  }

  void OnWriteDone(bool ok) override {
    written_ = ok;
    Arrive();
  }

  void OnDone() override { delete this; }

 private:
  // The piece that was filled goes out, and the next one is filled. On the pool.
  void Send() {
    if (!written_) filled_ = absl::CancelledError("the caller is gone");
    if (!filled_.ok() || sent_all_) {
      log_.End(filled_);
      Finish(ToGrpcStatus(filled_));
      return;
    }
    sent_all_ = position_ == end_;
    const bool last =
        sent_all_;  // when it is, the other side may have all, and `this` be gone, before StartWrite returns
    awaited_ = last ? 1 : 2;
    sending_.Swap(&next_);
    StartWrite(&sending_);
    if (last) return;
    filled_ = Fill({});
    Arrive();
  }

  // One of two has come: a piece is written, the next one filled. The second goes on.
  void Arrive() {
    if (awaited_.fetch_sub(1) == 1) runtime_.pool.Continue([this] { Send(); });
  }

  absl::Status Begin() {
    GREFFE_ASSIGN_OR_RETURN(FoundFile found,
                            FindFile(runtime_.store, request_.name(), request_.as_of(), request_.companion()));
    if (request_.offset() < 0 || request_.offset() > found.file.size()) {
      return Error(absl::StatusCode::kOutOfRange, "RANGE_INVALID",
                   "offset '" + std::to_string(request_.offset()) + "': the file has " +
                       std::to_string(found.file.size()) + " bytes",
                   {{"size", std::to_string(found.file.size())}});
    }
    if (request_.length() < 0) {
      return InvalidField("length", "FIELD_INVALID", "'" + std::to_string(request_.length()) + "': is below 0");
    }
    position_ = request_.offset();
    const std::int64_t rest = found.file.size() - position_;
    end_ = position_ + (request_.length() == 0 ? rest : std::min(rest, request_.length()));
    GREFFE_ASSIGN_OR_RETURN(reader_, runtime_.store.OpenContent(found.project, found.file));
    v1::DownloadContentResponse first;
    *first.mutable_version() = std::move(found.version);
    *first.mutable_file() = std::move(found.file);
    return Fill(std::move(first));
  }

  // Makes the next message out of `piece` and the bytes that follow.
  absl::Status Fill(v1::DownloadContentResponse piece) {
    // Up to a multiple of their size, since that is how blocks are sealed.
    const std::int64_t whole = runtime_.limits.chunk_bytes - position_ % runtime_.limits.chunk_bytes;
    const std::int64_t length = std::min(whole, end_ - position_);
    PieceMemory::Bytes bytes = memory_->Take();
    GREFFE_RETURN_IF_ERROR(reader_->Read(position_, length, bytes.get()));
    const auto size = static_cast<std::size_t>(length);
    piece.set_offset(position_);
    piece.set_crc32c(Crc32c({bytes.get(), size}));
    next_ = ToBuffer(piece, memory_->ToSlice(std::move(bytes), size));
    position_ += length;
    return absl::OkStatus();
  }

  const Runtime& runtime_;
  const CallLog log_;
  const std::shared_ptr<PieceMemory> memory_;
  v1::DownloadContentRequest request_;
  std::unique_ptr<ContentReader> reader_;
  grpc::ByteBuffer sending_;
  grpc::ByteBuffer next_;  // that is filled
  std::atomic<int> awaited_ = 0;
  absl::Status filled_;
  bool written_ = true;
  bool sent_all_ = false;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* NewDownloadStream(const Runtime& runtime,
                                                              grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request) {
  return new DownloadStream(runtime, context, request);
}

}  // namespace greffe
