#include "services/call/piece_stream.h"

#include <grpcpp/support/slice.h>

#include <algorithm>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "services/call/status.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

// The bytes are not copied.
grpc::ByteBuffer ToBuffer(std::string message, int data_field, grpc::Slice data) {
  using google::protobuf::internal::WireFormatLite;
  using google::protobuf::io::CodedOutputStream;
  if (data.size() > 0) {
    std::uint8_t field[10];
    std::uint8_t* end = CodedOutputStream::WriteTagToArray(
        WireFormatLite::MakeTag(data_field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED), field);
    end = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(data.size()), end);
    message.append(field, end);
  }
  const grpc::Slice slices[] = {grpc::Slice(message), std::move(data)};
  return grpc::ByteBuffer(slices, 2);
}

}  // namespace

absl::Status CheckOffset(std::int64_t offset, std::int64_t size) {
  if (offset >= 0 && offset <= size) return absl::OkStatus();
  return Error(absl::StatusCode::kOutOfRange, "RANGE_INVALID",
               "offset '" + std::to_string(offset) + "': the file has " + std::to_string(size) + " bytes",
               {{"size", std::to_string(size)}});
}

PieceStream::PieceStream(const Runtime& runtime, grpc::CallbackServerContext* context, const char* method)
    : runtime_(runtime),
      log_(context, method),
      share_(runtime.stream_memory, context),
      memory_(std::make_shared<PieceMemory>(static_cast<std::size_t>(runtime.limits.chunk_bytes))) {}

void PieceStream::Start() {
  runtime_.pool.Continue([this] {
    filled_ = BeginAndFill();
    Send();
  });
}

void PieceStream::OnWriteDone(bool ok) {
  share_.EndWait();
  written_ = ok;
  Arrive();
}

// The piece that was filled goes out, and the next one is filled. On the pool.
void PieceStream::Send() {
  if (!written_) filled_ = absl::CancelledError("the caller is gone");
  if (!filled_.ok() || sent_all_) {
    log_.End(filled_);
    Finish(ToGrpcStatus(filled_));
    return;
  }
  sent_all_ = position_ == end_;
  // When it is the last one, the other side may have all, and `this` be gone, before StartWrite returns.
  const bool last = sent_all_;
  awaited_ = last ? 1 : 2;
  sending_.Swap(&next_);
  share_.BeginWait();
  StartWrite(&sending_);
  if (last) return;
  filled_ = Fill();
  Arrive();
}

// One of two has come: a piece is written, the next one filled. The second goes on.
void PieceStream::Arrive() {
  if (awaited_.fetch_sub(1) == 1) runtime_.pool.Continue([this] { Send(); });
}

absl::Status PieceStream::BeginAndFill() {
  GREFFE_ASSIGN_OR_RETURN(const Range range, Begin());
  const std::int64_t pieces = std::min(2 * runtime_.limits.chunk_bytes, range.end - range.begin);
  GREFFE_RETURN_IF_ERROR(share_.Reserve(pieces + range.held));
  position_ = range.begin;
  end_ = range.end;
  return Fill();
}

absl::Status PieceStream::Fill() {
  // Up to a multiple of their size, since that is how blocks are sealed.
  const std::int64_t whole = runtime_.limits.chunk_bytes - position_ % runtime_.limits.chunk_bytes;
  const std::int64_t length = std::min(whole, end_ - position_);
  PieceMemory::Bytes bytes = memory_->Take();
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t read, Read(position_, length, bytes.get()));
  const auto size = static_cast<std::size_t>(read);
  Head head = NextHead(position_, Crc32c({bytes.get(), size}));
  next_ = ToBuffer(std::move(head.message), head.data_field, memory_->ToSlice(std::move(bytes), size));
  position_ += read;
  return absl::OkStatus();
}

}  // namespace greffe
