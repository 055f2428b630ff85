#include "clients/cpp/download.h"

#include "clients/cpp/checksums.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/stall_guard.h"

namespace greffe::client {
namespace {

absl::Status Mismatch(const std::string& what, const std::string& expected, const std::string& found) {
  return MakeError(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH",
                   what + " arrived with checksum \"" + found + "\", expected \"" + expected + "\"");
}

// One download, over as many streams as it takes.
class Downloading {
 public:
  Downloading(Client& client, v1::DownloadContentRequest request, const ContentSink& sink,
              const TransferProgress& progress)
      : client_(client),
        request_(std::move(request)),
        sink_(sink),
        progress_(progress),
        whole_(request_.offset() == 0 && request_.length() == 0),
        next_(request_.offset()) {}

  absl::StatusOr<Downloaded> Run() {
    Backoff backoff(client_.options().retry, Backoff::Clock::time_point::max());
    while (true) {
      const std::int64_t before = next_;
      const absl::Status status = Stream();
      // All bytes are here: what became of the stream after them is of no interest.
      if (known_ && next_ == end_) break;
      if (!local_.ok()) return local_;
      if (!status.ok() && !IsRetryable(status) && !damaged_) return status;
      if (next_ > before) backoff.Reset();
      if (!backoff.Wait()) return status.ok() ? absl::UnavailableError("download ended early") : status;
    }
    if (!local_.ok()) return local_;
    if (whole_) {
      const std::string sha256 = hash_.Finish();
      if (sha256 != result_.file.sha256()) return Mismatch(result_.version.name(), result_.file.sha256(), sha256);
    }
    return std::move(result_);
  }

 private:
  absl::Status Stream() {
    damaged_ = false;
    v1::DownloadContentRequest request = request_;
    if (known_) {
      request.set_name(result_.version.name());
      request.clear_as_of();
      request.set_offset(next_);
      request.set_length(whole_ || request_.length() == 0 ? 0 : end_ - next_);
    }
    grpc::ClientContext context;
    client_.Prepare(context);
    StallGuard guard(context, client_.options().stall_timeout);
    const auto stream = client_.contents().DownloadContent(&context, request);
    absl::Status failure;
    v1::DownloadContentResponse message;
    while (failure.ok() && stream->Read(&message)) {
      guard.Pause();
      failure = Take(message);
      guard.Progress();
    }
    if (!failure.ok()) context.TryCancel();
    const absl::Status status = FromGrpc(stream->Finish());
    if (!failure.ok()) return failure;
    if (guard.Fired()) return absl::UnavailableError("download stalled");
    return status;
  }

  absl::Status Take(const v1::DownloadContentResponse& message) {
    if (!known_) {
      if (!message.has_file()) return local_ = absl::InternalError("download began without a file");
      result_ = {message.version(), message.file()};
      end_ = result_.file.size();
      if (request_.length() > 0) end_ = std::min(end_, request_.offset() + request_.length());
      known_ = true;
    }
    const std::string& data = message.data();
    if (data.empty()) return absl::OkStatus();
    if (message.offset() != next_ || static_cast<std::int64_t>(data.size()) > end_ - next_) {
      return local_ = absl::InternalError("download went on at " + std::to_string(message.offset()) + " instead of " +
                                          std::to_string(next_));
    }
    if (const std::uint32_t crc = Crc32c(data); crc != message.crc32c()) {
      damaged_ = true;
      return Mismatch("a piece at " + std::to_string(next_), std::to_string(message.crc32c()), std::to_string(crc));
    }
    if (whole_) hash_.Update(data);
    local_ = sink_(data);
    if (!local_.ok()) return local_;
    next_ += static_cast<std::int64_t>(data.size());
    if (progress_) progress_(next_);
    return absl::OkStatus();
  }

  Client& client_;
  const v1::DownloadContentRequest request_;
  const ContentSink& sink_;
  const TransferProgress& progress_;
  const bool whole_;

  Sha256 hash_;
  Downloaded result_;
  bool known_ = false;  // result_ and end_ are set
  std::int64_t end_ = 0;
  std::int64_t next_;     // the first byte that is not here yet
  bool damaged_ = false;  // the last stream ended with a piece that was damaged on its way
  absl::Status local_;    // an error that another stream does not cure
};

}  // namespace

absl::StatusOr<Downloaded> DownloadContent(Client& client, v1::DownloadContentRequest request, const ContentSink& sink,
                                           const TransferProgress& progress) {
  return Downloading(client, std::move(request), sink, progress).Run();
}

absl::StatusOr<v1::FetchContentResponse> FetchInto(Client& client, const v1::FetchContentRequest& request,
                                                   const ContentSink& sink, const TransferProgress& progress) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(v1::FetchContentResponse response, client.FetchContent(request));
  if (response.not_modified()) return response;
  if (!response.content_omitted()) {
    const std::string content = std::move(*response.mutable_content());
    response.clear_content();
    if (const std::string sha256 = Sha256Of(content); sha256 != response.file().sha256()) {
      return Mismatch(response.version().name(), response.file().sha256(), sha256);
    }
    GREFFE_CLIENT_RETURN_IF_ERROR(sink(content));
    if (progress) progress(static_cast<std::int64_t>(content.size()));
    return response;
  }
  v1::DownloadContentRequest download;
  download.set_name(response.version().name());
  download.set_companion(request.companion());
  GREFFE_CLIENT_RETURN_IF_ERROR(DownloadContent(client, download, sink, progress).status());
  response.set_content_omitted(false);
  return response;
}

absl::Status FetchMany(Client& client, const std::string& parent, const std::vector<v1::FetchContentRequest>& requests,
                       const FetchedMany& fetched) {
  constexpr std::size_t kFirst = 500;            // requests in a call, while their sizes are not known
  constexpr std::int64_t kBatchBytes = 3 << 20;  // contents in a call, once they are
  struct Waiting {
    std::size_t index;
    v1::FetchContentRequest request;
    std::int64_t size;
  };
  std::size_t next = 0;
  std::vector<Waiting> omitted;
  while (next < requests.size() || !omitted.empty()) {
    v1::BatchFetchContentsRequest batch;
    batch.set_parent(parent);
    std::vector<std::size_t> indexes;
    const bool again = !omitted.empty();
    for (std::int64_t bytes = 0; !omitted.empty();) {
      bytes += omitted.back().size;
      if (!indexes.empty() && (bytes > kBatchBytes || indexes.size() == kFirst)) break;
      indexes.push_back(omitted.back().index);
      *batch.add_requests() = std::move(omitted.back().request);
      omitted.pop_back();
    }
    for (; !again && next < requests.size() && indexes.size() < kFirst; ++next) {
      indexes.push_back(next);
      *batch.add_requests() = requests[next];
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(v1::BatchFetchContentsResponse response, client.BatchFetchContents(batch));
    if (static_cast<std::size_t>(response.results_size()) != indexes.size()) {
      return absl::InternalError("batch of " + std::to_string(indexes.size()) + " answered with " +
                                 std::to_string(response.results_size()) + " results");
    }
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      auto& result = *response.mutable_results(static_cast<int>(i));
      if (result.error_code() != 0) {
        const absl::Status error(static_cast<absl::StatusCode>(result.error_code()), result.error_message());
        GREFFE_CLIENT_RETURN_IF_ERROR(fetched(indexes[i], error));
        continue;
      }
      v1::FetchContentResponse& one = *result.mutable_response();
      const bool alone = again && indexes.size() == 1;
      if (one.content_omitted() && one.file().size() <= client.options().inline_limit && !alone) {
        // Left out because the others filled the answer: asked for again, in the version that was seen.
        v1::FetchContentRequest request = requests[indexes[i]];
        request.set_name(one.version().name());
        request.clear_as_of();
        omitted.push_back({indexes[i], std::move(request), one.file().size()});
        continue;
      }
      if (!one.content_omitted() && !one.not_modified() && Sha256Of(one.content()) != one.file().sha256()) {
        GREFFE_CLIENT_RETURN_IF_ERROR(
            fetched(indexes[i], Mismatch(one.version().name(), one.file().sha256(), Sha256Of(one.content()))));
        continue;
      }
      GREFFE_CLIENT_RETURN_IF_ERROR(fetched(indexes[i], std::move(one)));
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe::client
