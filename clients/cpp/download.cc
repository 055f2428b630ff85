#include "clients/cpp/download.h"

#include <algorithm>

#include "clients/cpp/checksums.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/pieces.h"
#include "clients/cpp/stubs.h"

namespace greffe::client {
namespace {

absl::Status Mismatch(const std::string& what, const std::string& expected, const std::string& found) {
  return MakeError(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH",
                   what + " arrived with checksum \"" + found + "\", expected \"" + expected + "\"");
}

}  // namespace

absl::StatusOr<Downloaded> DownloadContent(Client& client, v1::DownloadContentRequest request, const ContentSink& sink,
                                           const TransferProgress& progress) {
  const bool whole = request.offset() == 0 && request.length() == 0;
  const std::int64_t begin = request.offset();
  const std::int64_t length = request.length();
  Downloaded result;
  Sha256 hash;
  PieceSource<v1::DownloadContentResponse> source;
  source.open = [&](grpc::ClientContext& context, std::int64_t offset) {
    if (!result.version.name().empty()) {  // the same version, should there be a newer one by now
      request.set_name(result.version.name());
      request.clear_as_of();
    }
    request.set_offset(offset);
    if (length > 0) request.set_length(begin + length - offset);
    return client.stubs().contents->DownloadContent(&context, request);
  };
  source.head = [&](const v1::DownloadContentResponse& first) -> absl::StatusOr<std::int64_t> {
    if (!first.has_file()) return absl::InternalError("download began without a file");
    result = {first.version(), first.file()};
    return length == 0 ? result.file.size() : std::min(result.file.size(), begin + length);
  };
  const ContentSink hashed = [&](std::string_view data) {
    if (whole) hash.Update(data);
    return sink(data);
  };
  GREFFE_CLIENT_RETURN_IF_ERROR(ReadPieces(client, source, begin, hashed, progress));
  if (whole) {
    const std::string sha256 = hash.Finish();
    if (sha256 != result.file.sha256()) return Mismatch(result.version.name(), result.file.sha256(), sha256);
  }
  return result;
}

absl::StatusOr<DownloadedPackage> DownloadTransmittal(Client& client, v1::DownloadTransmittalRequest request,
                                                      const ContentSink& sink, const TransferProgress& progress) {
  DownloadedPackage package;
  PieceSource<v1::DownloadTransmittalResponse> source;
  source.open = [&](grpc::ClientContext& context, std::int64_t offset) {
    request.set_offset(offset);
    return client.stubs().transmittals->DownloadTransmittal(&context, request);
  };
  source.head = [&](const v1::DownloadTransmittalResponse& first) {
    package = {first.file_name(), first.size()};
    return package.size;
  };
  GREFFE_CLIENT_RETURN_IF_ERROR(ReadPieces(client, source, request.offset(), sink, progress));
  return package;
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
  std::size_t most = 500;                        // requests in a call, while their sizes are not known
  constexpr std::int64_t kBatchBytes = 3 << 20;  // contents in a call, once they are
  struct Waiting {
    std::size_t index;
    v1::FetchContentRequest request;
    std::int64_t size;
  };
  std::size_t next = 0;
  std::vector<Waiting> omitted;
  while (next < requests.size() || !omitted.empty()) {
    std::vector<Waiting> asked;
    const bool again = !omitted.empty();
    for (std::int64_t bytes = 0; !omitted.empty();) {
      bytes += omitted.back().size;
      if (!asked.empty() && (bytes > kBatchBytes || asked.size() >= most)) break;
      asked.push_back(std::move(omitted.back()));
      omitted.pop_back();
    }
    for (; !again && next < requests.size() && asked.size() < most; ++next) asked.push_back({next, requests[next], 0});
    v1::BatchFetchContentsRequest batch;
    batch.set_parent(parent);
    for (const Waiting& one : asked) *batch.add_requests() = one.request;
    absl::StatusOr<v1::BatchFetchContentsResponse> answer = client.BatchFetchContents(batch);
    if (absl::IsDeadlineExceeded(answer.status()) && asked.size() > 1) {
      // Over a slow line a call's time is too short for so many: with fewer in each, all calls together have enough.
      most = asked.size() / 2;
      if (!again) next -= asked.size();
      for (; again && !asked.empty(); asked.pop_back()) omitted.push_back(std::move(asked.back()));
      continue;
    }
    GREFFE_CLIENT_RETURN_IF_ERROR(answer.status());
    v1::BatchFetchContentsResponse& response = *answer;
    if (static_cast<std::size_t>(response.results_size()) != asked.size()) {
      return absl::InternalError("batch of " + std::to_string(asked.size()) + " answered with " +
                                 std::to_string(response.results_size()) + " results");
    }
    // Asked for again, what no answer brings would be asked for for ever.
    const bool stuck = again && std::all_of(response.results().begin(), response.results().end(),
                                            [](const auto& result) { return result.response().content_omitted(); });
    for (std::size_t i = 0; i < asked.size(); ++i) {
      auto& result = *response.mutable_results(static_cast<int>(i));
      if (result.error_code() != 0) {
        // Alone it is asked for again as any call is, and its answer has the details that a result has no room for.
        absl::StatusOr<v1::FetchContentResponse> alone = client.FetchContent(batch.requests(static_cast<int>(i)));
        if (!alone.ok()) {
          GREFFE_CLIENT_RETURN_IF_ERROR(fetched(asked[i].index, alone.status()));
          continue;
        }
        *result.mutable_response() = *std::move(alone);
      }
      v1::FetchContentResponse& one = *result.mutable_response();
      const bool whole = one.version().has_main_file();
      const bool small = one.file().size() <= client.options().inline_limit;
      if (one.content_omitted() && (small || !whole) && !stuck) {
        // Left out because the others filled the answer: asked for again, in the version that was seen.
        v1::FetchContentRequest request = requests[asked[i].index];
        request.set_name(one.version().name());
        request.clear_as_of();
        omitted.push_back({asked[i].index, std::move(request), small ? one.file().size() : 0});
        continue;
      }
      if (!one.content_omitted() && !one.not_modified() && Sha256Of(one.content()) != one.file().sha256()) {
        GREFFE_CLIENT_RETURN_IF_ERROR(
            fetched(asked[i].index, Mismatch(one.version().name(), one.file().sha256(), Sha256Of(one.content()))));
        continue;
      }
      GREFFE_CLIENT_RETURN_IF_ERROR(fetched(asked[i].index, std::move(one)));
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe::client
