#include "services/contents/batch_fetch.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "services/call/status.h"
#include "services/contents/fetch.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr int kMaxRequests = 1000;
// Kept for each file that is still to come: what names it and its hashes, or says why it is not there.
constexpr std::int64_t kLeast = 1024;
constexpr std::size_t kErrorBytes = 512;

// As a part of the answer.
std::int64_t BytesOf(const v1::BatchFetchContentsResult& result) {
  constexpr std::int64_t kTagAndLength = 6;
  return static_cast<std::int64_t>(result.ByteSizeLong()) + kTagAndLength;
}

// Leaves what a caller needs to ask for the file by itself.
void Shorten(v1::FetchContentResponse& response) {
  v1::FetchContentResponse named;
  named.mutable_version()->set_name(response.version().name());
  named.mutable_version()->set_number(response.version().number());
  named.mutable_file()->set_size(response.file().size());
  named.mutable_file()->set_sha256(response.file().sha256());
  named.set_etag(response.etag());
  named.set_content_omitted(true);
  response = std::move(named);
}

class Batch {
 public:
  Batch(const Runtime& runtime, const ProjectView& view) : runtime_(runtime), view_(view) {}

  v1::BatchFetchContentsResult Fetch(const v1::FetchContentRequest& request, std::int64_t budget) const {
    v1::BatchFetchContentsResult result;
    const absl::Status status =
        FetchOne(request, std::min(budget, runtime_.limits.inline_bytes), *result.mutable_response());
    if (!status.ok()) {
      result.clear_response();
      result.set_error_code(static_cast<int>(status.code()));
      const std::string text = TextForCallers({status.message().data(), status.message().size()});
      result.set_error_message(text.size() > kErrorBytes ? PrintableUtf8(text.substr(0, kErrorBytes)) : text);
      return result;
    }
    v1::FetchContentResponse& response = *result.mutable_response();
    if (BytesOf(result) > budget && !response.content().empty()) {
      response.clear_content();
      response.set_content_omitted(true);
    }
    if (BytesOf(result) > budget) Shorten(response);
    return result;
  }

 private:
  absl::Status FetchOne(v1::FetchContentRequest request, std::int64_t limit, v1::FetchContentResponse& response) const {
    GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseDocumentOrVersionName(request.name(), "requests.name"));
    if (name.project != view_.project()) {
      return InvalidField("requests.name", "FIELD_INVALID", "'" + request.name() + "': is of another project");
    }
    // All that ask for the latest see the same moment; an `as_of` without one means now, as none does.
    if (name.version == 0 && request.as_of().moment_case() == v1::AsOf::MOMENT_NOT_SET) {
      request.mutable_as_of()->set_sequence(view_.sequence());
    }
    return greffe::Fetch(runtime_.store, request, limit, response);
  }

  const Runtime& runtime_;
  const ProjectView& view_;
};

}  // namespace

absl::Status BatchFetch(const Runtime& runtime, const v1::BatchFetchContentsRequest& request,
                        v1::BatchFetchContentsResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  if (request.requests_size() < 1 || request.requests_size() > kMaxRequests) {
    return InvalidField("requests", "FIELD_INVALID",
                        std::to_string(request.requests_size()) + " of them; allowed are 1 to 1,000");
  }
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project));
  response.set_sequence(view.sequence());
  const Batch batch(runtime, view);
  std::int64_t budget = runtime.limits.message_bytes - static_cast<std::int64_t>(response.ByteSizeLong()) -
                        kLeast * request.requests_size();
  for (const v1::FetchContentRequest& one : request.requests()) {
    v1::BatchFetchContentsResult& result = *response.add_results();
    result = batch.Fetch(one, budget + kLeast);
    budget += kLeast - BytesOf(result);
  }
  return absl::OkStatus();
}

}  // namespace greffe
