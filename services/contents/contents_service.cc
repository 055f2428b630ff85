#include "services/contents/contents_service.h"

#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "services/call/asked_page.h"
#include "services/call/malformed_request.h"
#include "services/call/page_bytes.h"
#include "services/call/piece_stream.h"
#include "services/call/raw_message.h"
#include "services/call/status.h"
#include "services/call/unary.h"
#include "services/contents/batch_fetch.h"
#include "services/contents/check_in.h"
#include "services/contents/fetch.h"
#include "services/contents/upload_stream.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

// The answer that lies ready in the index; false: it has to be put together.
absl::StatusOr<bool> FetchReady(const Store& store, const v1::FetchContentRequest& request, std::string& answer) {
  if (request.as_of().moment_case() != v1::AsOf::MOMENT_NOT_SET || !request.companion().empty()) return false;
  GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseDocumentOrVersionName(request.name()));
  if (name.version > 0 || name.alias != VersionName::Alias::kNone) return false;
  GREFFE_ASSIGN_OR_RETURN(const bool ready, store.FindLatestContent(name.project, name.number, answer));
  if (!ready || request.if_none_match().empty()) return ready;
  v1::FetchContentResponse response;
  if (!response.ParseFromString(answer)) return false;
  if (response.etag() == request.if_none_match()) {
    response.clear_content();
    response.set_not_modified(true);
    answer = response.SerializeAsString();
  }
  return true;
}

class ContentStream final : public PieceStreamOf<v1::DownloadContentRequest, v1::DownloadContentResponse> {
 public:
  ContentStream(const Runtime& runtime, grpc::CallbackServerContext* context, const grpc::ByteBuffer& request)
      : PieceStreamOf(runtime, context, "Contents.DownloadContent", request) {}

 private:
  absl::StatusOr<Range> Begin(const v1::DownloadContentRequest& request, v1::DownloadContentResponse& first) override {
    GREFFE_ASSIGN_OR_RETURN(FoundFile found,
                            FindFile(runtime_.store, request.name(), request.as_of(), request.companion()));
    GREFFE_RETURN_IF_ERROR(CheckOffset(request.offset(), found.file.size()));
    if (request.length() < 0) {
      return InvalidField("length", "FIELD_INVALID", "'" + std::to_string(request.length()) + "': is below 0");
    }
    const std::int64_t rest = found.file.size() - request.offset();
    const std::int64_t length = request.length() == 0 ? rest : std::min(rest, request.length());
    GREFFE_ASSIGN_OR_RETURN(reader_, runtime_.store.OpenContent(found.project, found.file));
    verified_ = length == found.file.size();
    *first.mutable_version() = std::move(found.version);
    *first.mutable_file() = std::move(found.file);
    return Range{request.offset(), request.offset() + length, reader_->held()};
  }

  absl::StatusOr<std::int64_t> Read(std::int64_t position, std::int64_t length, char* buffer) override {
    if (!verified_) {
      GREFFE_ASSIGN_OR_RETURN(verified_, reader_->Verify(runtime_.limits.turn_bytes));
      if (!verified_) return 0;
    }
    GREFFE_RETURN_IF_ERROR(reader_->Read(position, length, buffer));
    return length;
  }

  std::unique_ptr<ContentReader> reader_;
  bool verified_ = false;  // or will be with the last byte
};

// Files of uploads are opened to tell their media types.
bool HasUploads(const v1::CheckInItem& item) {
  const auto& companions = item.companions();
  return item.main_file().has_upload() || std::any_of(companions.begin(), companions.end(),
                                                      [](const v1::FileSource& file) { return file.has_upload(); });
}

}  // namespace

grpc::ServerUnaryReactor* ContentsService::CheckIn(grpc::CallbackServerContext* context,
                                                   const v1::CheckInRequest* request, v1::CheckInResponse* response) {
  auto plan = std::make_shared<CheckInPlan>();
  const auto prepare = [this, context, request, plan] { return NewCheckIn(runtime_, *context, *request, plan); };
  const auto answer = [this, plan, response](WriteResult& result) -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(auto outcomes, OutcomesOf(runtime_.store, *plan, result));
    *response = std::move(outcomes.front());
    return absl::OkStatus();
  };
  constexpr char kMethod[] = "Contents.CheckIn";
  if (HasUploads(request->item())) return AnswerAfterPreparedWrite(runtime_, context, kMethod, prepare, answer);
  return AnswerAfterWrite(runtime_, context, kMethod, prepare(), answer);
}

grpc::ServerUnaryReactor* ContentsService::BatchCheckIn(grpc::CallbackServerContext* context,
                                                        const v1::BatchCheckInRequest* request,
                                                        v1::BatchCheckInResponse* response) {
  auto plan = std::make_shared<CheckInPlan>();
  const auto prepare = [this, context, request, plan] { return NewBatchCheckIn(runtime_, *context, *request, plan); };
  const auto answer = [this, plan, response](WriteResult& result) -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(auto outcomes, OutcomesOf(runtime_.store, *plan, result));
    ShortenToFit(outcomes);
    for (auto& outcome : outcomes) *response->add_results() = std::move(outcome);
    response->set_commit(result.commit);
    response->set_sequence(result.sequence);
    return absl::OkStatus();
  };
  constexpr char kMethod[] = "Contents.BatchCheckIn";
  if (std::any_of(request->items().begin(), request->items().end(), HasUploads)) {
    return AnswerAfterPreparedWrite(runtime_, context, kMethod, prepare, answer);
  }
  return AnswerAfterWrite(runtime_, context, kMethod, prepare(), answer);
}

grpc::ServerUnaryReactor* ContentsService::CreateUpload(grpc::CallbackServerContext* context,
                                                        const v1::CreateUploadRequest* request, v1::Upload* response) {
  absl::StatusOr<v1::Principal> caller = CallerOf(*context);
  return AnswerFromPool(
      runtime_, context, "Contents.CreateUpload",
      [this, caller = std::move(caller), request, response]() -> absl::Status {
        GREFFE_RETURN_IF_ERROR(caller.status());
        GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
        GREFFE_RETURN_IF_ERROR(ValidateRequestId(request->request_id(), "request_id"));
        GREFFE_RETURN_IF_ERROR(runtime_.store.View(project).status());
        GREFFE_ASSIGN_OR_RETURN(*response, runtime_.store.uploads().Create(project, request->size(), request->sha256(),
                                                                           request->request_id(), caller->id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ContentsService::GetUpload(grpc::CallbackServerContext* context,
                                                     const v1::GetUploadRequest* request, v1::Upload* response) {
  return AnswerNow(context, "Contents.GetUpload", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const ChildName name, ParseChildName(request->name(), "uploads"));
    GREFFE_ASSIGN_OR_RETURN(*response, runtime_.store.uploads().Get(name.project, name.id));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ContentsService::ListUploads(grpc::CallbackServerContext* context,
                                                       const v1::ListUploadsRequest* request,
                                                       v1::ListUploadsResponse* response) {
  return AnswerNow(context, "Contents.ListUploads", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    GREFFE_RETURN_IF_ERROR(runtime_.store.View(project).status());
    std::vector<v1::Upload> uploads = runtime_.store.uploads().List(project, asked.begin.position, asked.size + 1);
    if (const std::size_t fit = CountThatFit(uploads, asked.size); fit < uploads.size()) {
      uploads.resize(fit);
      response->set_next_page_token(NextPageToken(runtime_, asked, 0, LastSegment(uploads.back().name())));
    }
    for (v1::Upload& upload : uploads) *response->add_uploads() = std::move(upload);
    return absl::OkStatus();
  });
}

grpc::ServerReadReactor<grpc::ByteBuffer>* ContentsService::WriteUpload(grpc::CallbackServerContext* context,
                                                                        grpc::ByteBuffer* response) {
  return NewUploadStream(runtime_, context, response);
}

grpc::ServerUnaryReactor* ContentsService::DeleteUpload(grpc::CallbackServerContext* context,
                                                        const v1::DeleteUploadRequest* request,
                                                        google::protobuf::Empty*) {
  return AnswerFromPool(runtime_, context, "Contents.DeleteUpload", [this, request]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const ChildName name, ParseChildName(request->name(), "uploads"));
    return runtime_.store.uploads().Delete(name.project, name.id);
  });
}

grpc::ServerUnaryReactor* ContentsService::FetchContent(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  constexpr char kMethod[] = "Contents.FetchContent";
  auto parsed = std::make_shared<v1::FetchContentRequest>();
  if (!ParseBuffer(*request, *parsed)) {
    return AnswerNow(context, kMethod, [] { return MalformedRequest(); });
  }
  auto answer = std::make_unique<std::string>();
  const absl::StatusOr<bool> ready = FetchReady(runtime_.store, *parsed, *answer);
  if (!ready.ok()) return AnswerNow(context, kMethod, [&] { return ready.status(); });
  if (*ready) {
    *response = OwnedBuffer(std::move(answer));
    return AnswerNow(context, kMethod, [] { return absl::OkStatus(); });
  }
  return AnswerFromPool(runtime_, context, kMethod, [this, parsed, response]() -> absl::Status {
    v1::FetchContentResponse full;
    GREFFE_RETURN_IF_ERROR(Fetch(runtime_.store, *parsed, runtime_.limits.inline_bytes, full));
    *response = OwnedBuffer(std::make_unique<std::string>(full.SerializeAsString()));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ContentsService::BatchFetchContents(grpc::CallbackServerContext* context,
                                                              const v1::BatchFetchContentsRequest* request,
                                                              v1::BatchFetchContentsResponse* response) {
  return AnswerFromPool(runtime_, context, "Contents.BatchFetchContents",
                        [this, request, response] { return BatchFetch(runtime_, *request, *response); });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ContentsService::DownloadContent(grpc::CallbackServerContext* context,
                                                                             const grpc::ByteBuffer* request) {
  auto* stream = new ContentStream(runtime_, context, *request);
  stream->Start();
  return stream;
}

}  // namespace greffe
