#include "clients/cpp/upload.h"

#include <algorithm>
#include <chrono>

#include "clients/cpp/checksums.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/request_id.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/stall_guard.h"
#include "clients/cpp/stubs.h"

namespace greffe::client {
namespace {

constexpr std::chrono::seconds kBusyPatience(10);

// True for what another stream from the server's offset on can cure.
bool IsCurable(const absl::Status& status) {
  if (IsRetryable(status)) return true;
  const std::string reason = ReasonOf(status);
  // Busy: the server has not yet seen that the former stream is gone.
  return reason == "CHECKSUM_MISMATCH" || reason == "UPLOAD_OFFSET_MISMATCH" || reason == "UPLOAD_BUSY";
}

// One upload, over as many streams as it takes.
class Uploading {
 public:
  Uploading(Client& client, const ContentSource& content, const TransferProgress& progress)
      : client_(client), content_(content), progress_(progress) {}

  absl::StatusOr<v1::Upload> Run(v1::Upload upload) {
    Backoff backoff(client_.options().retry, Backoff::Clock::time_point::max());
    while (!upload.complete()) {
      const std::int64_t before = upload.received_size();
      absl::StatusOr<v1::Upload> written = WriteFrom(upload);
      if (written.ok() && written->complete()) {
        upload = *std::move(written);
        break;
      }
      const absl::Status failure =
          written.ok() ? absl::UnavailableError("upload \"" + upload.name() + "\" ended early") : written.status();
      if (!IsCurable(failure)) return failure;
      v1::GetUploadRequest ask;
      ask.set_name(upload.name());
      absl::StatusOr<v1::Upload> now = client_.GetUpload(ask);
      if (now.ok()) {
        upload = *std::move(now);
      } else if (!IsRetryable(now.status())) {
        return now.status();
      }
      if (upload.received_size() > before) backoff.Reset();
      if (!upload.complete() && !backoff.Wait(failure)) return failure;
    }
    GREFFE_CLIENT_RETURN_IF_ERROR(HashUpTo(content_.size()));
    const std::string sha256 = hash_.Finish();
    if (upload.sha256() != sha256) {
      return MakeError(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH",
                       "upload \"" + upload.name() + "\" has sha256 \"" + upload.sha256() + "\", what was read has \"" +
                           sha256 + "\"");
    }
    return upload;
  }

 private:
  // Brings the hash, which covers the first `hashed_` bytes, forward to `end`: what another stream or process sent.
  absl::Status HashUpTo(std::int64_t end) {
    while (hashed_ < end) {
      const std::int64_t length = std::min<std::int64_t>(end - hashed_, client_.options().upload_chunk);
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string data, content_.Read(hashed_, length));
      hash_.Update(data);
      hashed_ += length;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::Upload> WriteFrom(const v1::Upload& upload) {
    GREFFE_CLIENT_RETURN_IF_ERROR(HashUpTo(upload.received_size()));
    grpc::ClientContext context;
    client_.Prepare(context);
    StallGuard guard(context, client_.options().stall_timeout);
    v1::Upload result;
    const auto stream = client_.stubs().contents->WriteUpload(&context, &result);
    absl::Status local;
    if (upload.received_size() > 0) {
      // The server reads what it has before it takes more; when that is all, the stream's end completes it.
      v1::WriteUploadRequest request;
      request.set_name(upload.name());
      request.set_offset(upload.received_size());
      guard.Await(client_.options().check_timeout);
      if (stream->Write(request)) stream->WaitForInitialMetadata();
      guard.Progress();
    }
    for (std::int64_t offset = upload.received_size(); offset < content_.size();) {
      const std::int64_t length = std::min(content_.size() - offset, client_.options().upload_chunk);
      guard.Pause();
      absl::StatusOr<std::string> data = content_.Read(offset, length);
      guard.Progress();
      if (!data.ok()) {
        local = data.status();
        context.TryCancel();
        break;
      }
      if (hashed_ == offset) {
        hash_.Update(*data);
        hashed_ += length;
      }
      v1::WriteUploadRequest request;
      if (offset == upload.received_size()) request.set_name(upload.name());
      request.set_offset(offset);
      request.set_crc32c(Crc32c(*data));
      request.set_data(*std::move(data));
      if (!stream->Write(request)) break;
      offset += length;
      guard.Progress();
      if (progress_) progress_(offset);
    }
    stream->WritesDone();
    guard.Await(client_.options().check_timeout);
    const absl::Status status = FromGrpc(stream->Finish());
    if (!local.ok()) return local;
    if (guard.Fired()) return absl::UnavailableError("upload \"" + upload.name() + "\" stalled");
    if (!status.ok()) return status;
    return result;
  }

  Client& client_;
  const ContentSource& content_;
  const TransferProgress& progress_;
  Sha256 hash_;
  std::int64_t hashed_ = 0;
};

}  // namespace

absl::StatusOr<v1::Upload> UploadContent(Client& client, const std::string& parent, const ContentSource& content,
                                         const TransferProgress& progress) {
  v1::CreateUploadRequest request;
  request.set_parent(parent);
  request.set_size(content.size());
  request.set_request_id(NewRequestId());  // it is no write; one that a check-in took does not come again
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Upload upload, client.CreateUpload(request));
  absl::StatusOr<v1::Upload> complete = Uploading(client, content, progress).Run(upload);
  // Nobody else knows its name. A server that is away, and was waited for already, is not waited for again; one that
  // has no room for the stream has it for this, and fewer sessions then.
  if (!complete.ok() && (!IsRetryable(complete.status()) || IsServerBusy(complete.status()))) {
    GiveUploadsUp(client, {upload.name()});
  }
  return complete;
}

absl::StatusOr<v1::Upload> ResumeUpload(Client& client, const std::string& name, const ContentSource& content,
                                        const TransferProgress& progress) {
  v1::GetUploadRequest request;
  request.set_name(name);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(v1::Upload upload, client.GetUpload(request));
  if (upload.size() != content.size()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_CHANGED",
                     "upload \"" + name + "\" was announced with " + std::to_string(upload.size()) + " bytes, not " +
                         std::to_string(content.size()));
  }
  return Uploading(client, content, progress).Run(std::move(upload));
}

void GiveUploadsUp(Client& client, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.empty()) continue;
    v1::DeleteUploadRequest request;
    request.set_name(name);
    Backoff backoff(client.options().retry, Backoff::Clock::now() + kBusyPatience);
    absl::Status deleted = client.DeleteUpload(request);
    // The server may still be storing what a stream that was cancelled had brought.
    while (ReasonOf(deleted) == "UPLOAD_BUSY" && backoff.Wait(deleted)) deleted = client.DeleteUpload(request);
    if (IsRetryable(deleted)) return;  // it is away
  }
}

}  // namespace greffe::client
