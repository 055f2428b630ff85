#include "services/contents/download_stream.h"

#include <algorithm>
#include <memory>
#include <string>

#include "services/call/call_log.h"
#include "services/call/status.h"
#include "services/contents/fetch.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

class DownloadStream final : public grpc::ServerWriteReactor<v1::DownloadContentResponse> {
 public:
  DownloadStream(const Runtime& runtime, grpc::CallbackServerContext* context,
                 const v1::DownloadContentRequest* request)
      : runtime_(runtime), log_(context, "Contents.DownloadContent"), request_(request) {
    runtime_.pool.Continue([this] { Step(Begin()); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      Step(absl::CancelledError("the caller is gone"));
    } else if (position_ == end_) {
      Step(absl::OkStatus());
    } else {
      runtime_.pool.Continue([this] { Step(Next()); });
    }
  }

  void OnDone() override { delete this; }

 private:
  // After something was done: sends what is ready, or ends.
  void Step(const absl::Status& status) {
    if (status.ok() && !done_) {
      done_ = position_ == end_;
      StartWrite(&piece_);
      return;
    }
    log_.End(status);
    Finish(ToGrpcStatus(status));
  }

  absl::Status Begin() {
    GREFFE_ASSIGN_OR_RETURN(FoundFile found,
                            FindFile(runtime_.store, request_->name(), request_->as_of(), request_->companion()));
    if (request_->offset() < 0 || request_->offset() > found.file.size()) {
      return Error(absl::StatusCode::kOutOfRange, "RANGE_INVALID",
                   "offset '" + std::to_string(request_->offset()) + "': the file has " +
                       std::to_string(found.file.size()) + " bytes",
                   {{"size", std::to_string(found.file.size())}});
    }
    if (request_->length() < 0) {
      return InvalidField("length", "FIELD_INVALID", "'" + std::to_string(request_->length()) + "': is below 0");
    }
    position_ = request_->offset();
    const std::int64_t rest = found.file.size() - position_;
    end_ = position_ + (request_->length() == 0 ? rest : std::min(rest, request_->length()));
    GREFFE_ASSIGN_OR_RETURN(reader_, runtime_.store.OpenContent(found.project, found.file));
    *piece_.mutable_version() = std::move(found.version);
    *piece_.mutable_file() = std::move(found.file);
    piece_.set_offset(position_);
    return Fill();
  }

  absl::Status Next() {
    piece_.Clear();
    return Fill();
  }

  absl::Status Fill() {
    const std::int64_t length = std::min(runtime_.limits.chunk_bytes, end_ - position_);
    piece_.set_offset(position_);
    std::string& data = *piece_.mutable_data();
    data.resize(static_cast<std::size_t>(length));
    GREFFE_RETURN_IF_ERROR(reader_->Read(position_, length, data.data()));
    piece_.set_crc32c(Crc32c(data));
    position_ += length;
    return absl::OkStatus();
  }

  const Runtime& runtime_;
  const CallLog log_;
  const v1::DownloadContentRequest* request_;
  std::unique_ptr<ContentReader> reader_;
  v1::DownloadContentResponse piece_;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
  bool done_ = false;  // the last piece was sent
};

}  // namespace

grpc::ServerWriteReactor<v1::DownloadContentResponse>* NewDownloadStream(const Runtime& runtime,
                                                                         grpc::CallbackServerContext* context,
                                                                         const v1::DownloadContentRequest* request) {
  return new DownloadStream(runtime, context, request);
}

}  // namespace greffe
