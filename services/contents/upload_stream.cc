#include "services/contents/upload_stream.h"

#include <atomic>
#include <memory>
#include <string>

#include "services/call/call_log.h"
#include "services/call/malformed_request.h"
#include "services/call/raw_message.h"
#include "services/call/status.h"
#include "services/call/stream_memory.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

constexpr std::int64_t kChunksHeld = 4;  // one as it comes, two that are parsed, and the writer's buffer

// Reads a chunk while the one before is taken.
class UploadStream final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  UploadStream(const Runtime& runtime, grpc::CallbackServerContext* context, grpc::ByteBuffer* response)
      : runtime_(runtime),
        log_(context, "Contents.WriteUpload"),
        share_(runtime.stream_memory, context),
        response_(response) {
    StartRead(&buffer_);
  }

  void OnReadDone(bool ok) override {
    read_ = ok;
    if (ok) {
      parsed_ = ParseBuffer(buffer_, chunks_[current_]);
      buffer_.Clear();
    }
    Arrive();
  }

  void OnCancel() override { is_cancelled_ = true; }
  void OnDone() override { delete this; }

 private:
  // One of two has come: the next chunk, or the end of the work on the one before. The second goes on.
  void Arrive() {
    if (awaited_.fetch_sub(1) != 1) return;
    share_.EndWait();
    if (!read_) {
      runtime_.pool.Continue([this] { Close(End()); });
      return;
    }
    if (!parsed_) {
      runtime_.pool.Continue([this] { Close(MalformedRequest()); });
      return;
    }
    awaited_ = 2;
    v1::WriteUploadRequest& chunk = chunks_[current_];
    current_ = 1 - current_;
    StartRead(&buffer_);
    runtime_.pool.Continue([this, &chunk] { Work(chunk); });
  }

  // Before the first chunk is taken, what is there already is read, a turn at a time: it may be gigabytes, and others
  // need the pool's threads.
  void Work(const v1::WriteUploadRequest& chunk) {
    const absl::StatusOr<bool> ready = Prepare(chunk.name());
    if (ready.ok() && !*ready) {
      runtime_.pool.Continue([this, &chunk] { Work(chunk); });
      return;
    }
    const absl::Status status = ready.ok() ? Take(chunk) : ready.status();
    if (status.ok()) {
      share_.BeginWait();
      Arrive();
    } else {
      Close(status);  // at once: the read that is under way comes to nothing, and waits for no second
    }
  }

  absl::StatusOr<bool> Prepare(const std::string& upload) {
    if (is_ready_) return true;
    if (writer_ == nullptr) GREFFE_RETURN_IF_ERROR(Open(upload));
    if (is_cancelled_) return absl::CancelledError("the caller is gone");
    GREFFE_ASSIGN_OR_RETURN(is_ready_, writer_->TakeUp(runtime_.limits.turn_bytes));
    // Who waits for the headers knows that it may go on.
    if (is_ready_) StartSendInitialMetadata();
    return is_ready_;
  }

  void Close(const absl::Status& status) {
    writer_.reset();
    log_.End(status);
    Finish(ToGrpcStatus(status));
  }

  absl::Status Take(const v1::WriteUploadRequest& chunk) {
    if (static_cast<std::int64_t>(chunk.data().size()) > runtime_.limits.chunk_bytes) {
      return InvalidField("data", "CONTENT_TOO_LARGE",
                          std::to_string(chunk.data().size()) + " bytes; a chunk has at most " +
                              std::to_string(runtime_.limits.chunk_bytes));
    }
    if (chunk.data().empty()) return absl::OkStatus();
    return writer_->Append(chunk.offset(), chunk.data(), chunk.crc32c());
  }

  // Only who has a session takes room, and there are only so many: streams on which nothing comes, or that name no
  // upload, have none.
  absl::Status Open(const std::string& upload) {
    GREFFE_ASSIGN_OR_RETURN(const ChildName name, ParseChildName(upload, "uploads"));
    const std::int64_t held = kChunksHeld * runtime_.limits.chunk_bytes;
    GREFFE_RETURN_IF_ERROR(share_.Reserve(held));
    absl::StatusOr<std::unique_ptr<Uploads::Writer>> writer =
        runtime_.store.uploads().OpenWriter(name.project, name.id);
    if (!writer.ok()) {
      share_.Return(held);
      return writer.status();
    }
    writer_ = *std::move(writer);
    return absl::OkStatus();
  }

  // The client has sent all, or is gone: what came stays.
  absl::Status End() {
    if (writer_ == nullptr) return InvalidField("name", "FIELD_REQUIRED", "the stream had no message");
    GREFFE_ASSIGN_OR_RETURN(const v1::Upload upload, writer_->Finish());
    *response_ = SerializedBuffer(upload);
    return absl::OkStatus();
  }

  const Runtime& runtime_;
  const CallLog log_;
  StreamShare share_;
  grpc::ByteBuffer* const response_;
  grpc::ByteBuffer buffer_;  // as it was read
  v1::WriteUploadRequest chunks_[2];
  int current_ = 0;               // that is read into
  std::atomic<int> awaited_ = 1;  // see Arrive
  bool read_ = false;             // the last read brought a message
  bool parsed_ = false;           // which is a chunk
  std::unique_ptr<Uploads::Writer> writer_;
  bool is_ready_ = false;  // what was there before is taken up
  std::atomic<bool> is_cancelled_ = false;
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* NewUploadStream(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                           grpc::ByteBuffer* response) {
  return new UploadStream(runtime, context, response);
}

}  // namespace greffe
