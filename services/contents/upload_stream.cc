#include "services/contents/upload_stream.h"

#include <memory>
#include <string>

#include "services/call/call_log.h"
#include "services/call/status.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

class UploadStream final : public grpc::ServerReadReactor<v1::WriteUploadRequest> {
 public:
  UploadStream(const Runtime& runtime, grpc::CallbackServerContext* context, v1::Upload* response)
      : runtime_(runtime), log_(context, "Contents.WriteUpload"), response_(response) {
    StartRead(&chunk_);
  }

  void OnReadDone(bool ok) override {
    runtime_.pool.Continue([this, ok] {
      const absl::Status status = ok ? Take() : End();
      if (ok && status.ok()) {
        StartRead(&chunk_);
        return;
      }
      writer_.reset();
      log_.End(status);
      Finish(ToGrpcStatus(status));
    });
  }

  void OnDone() override { delete this; }

 private:
  absl::Status Take() {
    if (writer_ == nullptr) {
      GREFFE_ASSIGN_OR_RETURN(const ChildName name, ParseChildName(chunk_.name(), "uploads"));
      GREFFE_ASSIGN_OR_RETURN(writer_, runtime_.store.uploads().OpenWriter(name.project, name.id));
    }
    if (static_cast<std::int64_t>(chunk_.data().size()) > runtime_.limits.chunk_bytes) {
      return InvalidField("data", "CONTENT_TOO_LARGE",
                          std::to_string(chunk_.data().size()) + " bytes; a chunk has at most " +
                              std::to_string(runtime_.limits.chunk_bytes));
    }
    if (chunk_.data().empty()) return absl::OkStatus();
    return writer_->Append(chunk_.offset(), chunk_.data(), chunk_.crc32c());
  }

  // The client has sent all, or is gone: what came stays.
  absl::Status End() {
    if (writer_ == nullptr) return InvalidField("name", "FIELD_REQUIRED", "the stream had no message");
    GREFFE_ASSIGN_OR_RETURN(*response_, writer_->Finish());
    return absl::OkStatus();
  }

  const Runtime& runtime_;
  const CallLog log_;
  v1::Upload* response_;
  v1::WriteUploadRequest chunk_;
  std::unique_ptr<Uploads::Writer> writer_;
};

}  // namespace

grpc::ServerReadReactor<v1::WriteUploadRequest>* NewUploadStream(const Runtime& runtime,
                                                                 grpc::CallbackServerContext* context,
                                                                 v1::Upload* response) {
  return new UploadStream(runtime, context, response);
}

}  // namespace greffe
