#include "services/contents/download_stream.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "services/call/call_log.h"
#include "services/call/status.h"
#include "services/contents/fetch.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

// Reads a piece while the one before is on its way.
class DownloadStream final : public grpc::ServerWriteReactor<v1::DownloadContentResponse> {
 public:
  DownloadStream(const Runtime& runtime, grpc::CallbackServerContext* context,
                 const v1::DownloadContentRequest* request)
      : runtime_(runtime), log_(context, "Contents.DownloadContent"), request_(request) {
    runtime_.pool.Continue([this] {
      filled_ = Begin();
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
    v1::DownloadContentResponse& piece = pieces_[current_];
    current_ = 1 - current_;
    StartWrite(&piece);
    if (last) return;
    pieces_[current_].clear_version();  // of the first one alone; the bytes are written over
    pieces_[current_].clear_file();
    filled_ = Fill();
    Arrive();
  }

  // One of two has come: a piece is written, the next one filled. The second goes on.
  void Arrive() {
    if (awaited_.fetch_sub(1) == 1) runtime_.pool.Continue([this] { Send(); });
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
    *pieces_[0].mutable_version() = std::move(found.version);
    *pieces_[0].mutable_file() = std::move(found.file);
    return Fill();
  }

  absl::Status Fill() {
    v1::DownloadContentResponse& piece = pieces_[current_];
    const std::int64_t length = std::min(runtime_.limits.chunk_bytes, end_ - position_);
    piece.set_offset(position_);
    std::string& data = *piece.mutable_data();
    data.resize(static_cast<std::size_t>(length));
    GREFFE_RETURN_IF_ERROR(reader_->Read(position_, length, data.data()));
    piece.set_crc32c(Crc32c(data));
    position_ += length;
    return absl::OkStatus();
  }

  const Runtime& runtime_;
  const CallLog log_;
  const v1::DownloadContentRequest* request_;
  std::unique_ptr<ContentReader> reader_;
  v1::DownloadContentResponse pieces_[2];
  int current_ = 0;  // that is filled
  std::atomic<int> awaited_ = 0;
  absl::Status filled_;
  bool written_ = true;
  bool sent_all_ = false;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace

grpc::ServerWriteReactor<v1::DownloadContentResponse>* NewDownloadStream(const Runtime& runtime,
                                                                         grpc::CallbackServerContext* context,
                                                                         const v1::DownloadContentRequest* request) {
  return new DownloadStream(runtime, context, request);
}

}  // namespace greffe
