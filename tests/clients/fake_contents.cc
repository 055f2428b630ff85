// The fake's contents.
#include <algorithm>
#include <chrono>
#include <thread>

#include "clients/cpp/checksums.h"
#include "tests/clients/fake_pieces.h"

namespace greffe::client {
namespace {

class FakeContents : public v1::Contents::Service {
 public:
  explicit FakeContents(FakeState& state) : state_(state) {}

  grpc::Status CheckIn(grpc::ServerContext* context, const v1::CheckInRequest* request,
                       v1::CheckInResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "CheckIn", request->request_id());
    if (!begun.ok()) return begun;
    if (const auto it = state_.answered.find(request->request_id()); it != state_.answered.end()) {
      response->ParseFromString(it->second);
      return grpc::Status::OK;
    }
    *response = CheckInto(state_, request->parent(), request->item(), Content(request->item()), request->comment());
    state_.answered[request->request_id()] = response->SerializeAsString();
    return EndCall(state_, "CheckIn");
  }

  grpc::Status BatchCheckIn(grpc::ServerContext* context, const v1::BatchCheckInRequest* request,
                            v1::BatchCheckInResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "BatchCheckIn", request->request_id());
    if (!begun.ok()) return begun;
    state_.batches.push_back(*request);
    for (const v1::CheckInItem& item : request->items()) {
      const std::string& path = item.new_document().path();
      for (const auto& [name, stored] : state_.documents) {
        if (path.empty() || stored.document.path() != path) continue;
        if (stored.document.state() != v1::DOCUMENT_STATE_ACTIVE || !name.starts_with(request->parent() + "/"))
          continue;
        return ServerError(grpc::StatusCode::ALREADY_EXISTS, "PATH_TAKEN", "taken", {{"path", path}});
      }
    }
    for (const v1::CheckInItem& item : request->items()) {
      *response->add_results() = CheckInto(state_, request->parent(), item, Content(item), request->comment());
    }
    response->set_sequence(state_.sequence);
    return EndCall(state_, "BatchCheckIn");
  }

  grpc::Status CreateUpload(grpc::ServerContext* context, const v1::CreateUploadRequest* request,
                            v1::Upload* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "CreateUpload", request->request_id());
    if (!begun.ok()) return begun;
    const auto open = std::count_if(state_.uploads.begin(), state_.uploads.end(),
                                    [&](const auto& upload) { return !state_.claimed.contains(upload.first); });
    if (open >= state_.max_uploads) {
      return ServerError(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_UPLOADS", "too many sessions");
    }
    response->set_name(request->parent() + "/uploads/u" + std::to_string(state_.next_upload++));
    response->set_size(request->size());
    state_.uploads[response->name()].upload = *response;
    return grpc::Status::OK;
  }

  grpc::Status GetUpload(grpc::ServerContext* context, const v1::GetUploadRequest* request,
                         v1::Upload* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "GetUpload");
    if (!begun.ok()) return begun;
    *response = state_.uploads[request->name()].upload;
    return grpc::Status::OK;
  }

  grpc::Status ListUploads(grpc::ServerContext* context, const v1::ListUploadsRequest* request,
                           v1::ListUploadsResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "ListUploads");
    if (!begun.ok()) return begun;
    for (const auto& [name, stored] : state_.uploads) {
      if (name.starts_with(request->parent() + "/") && name > request->page_token()) {
        // A page of one: clients are to ask for them all.
        if (response->uploads_size() == 1) {
          response->set_next_page_token(response->uploads(0).name());
          break;
        }
        *response->add_uploads() = stored.upload;
      }
    }
    return EndCall(state_, "ListUploads");
  }

  grpc::Status WriteUpload(grpc::ServerContext* context, grpc::ServerReader<v1::WriteUploadRequest>* reader,
                           v1::Upload* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "WriteUpload");
    if (!begun.ok()) return begun;
    const std::int64_t limit = std::exchange(state_.break_upload_at, 0);
    v1::WriteUploadRequest request;
    FakeState::StoredUpload* stored = nullptr;
    while (reader->Read(&request)) {
      if (stored == nullptr) {
        stored = &state_.uploads[request.name()];
        if (!stored->data.empty() && !Check(*context)) return grpc::Status::CANCELLED;
        reader->SendInitialMetadata();
      }
      if (request.data().empty()) continue;
      v1::Upload& upload = stored->upload;
      if (request.offset() != upload.received_size()) {
        return ServerError(grpc::StatusCode::OUT_OF_RANGE, "UPLOAD_OFFSET_MISMATCH", "wrong offset",
                           {{"received_size", std::to_string(upload.received_size())}});
      }
      if (request.crc32c() != Crc32c(request.data()) || std::exchange(state_.corrupt_upload, false)) {
        return ServerError(grpc::StatusCode::DATA_LOSS, "CHECKSUM_MISMATCH", "damaged");
      }
      stored->data += request.data();
      upload.set_received_size(static_cast<std::int64_t>(stored->data.size()));
      if (limit > 0 && upload.received_size() >= limit) return {grpc::StatusCode::UNAVAILABLE, "broken"};
    }
    if (stored == nullptr) return {grpc::StatusCode::INVALID_ARGUMENT, "the stream had no message"};
    if (!Check(*context)) return grpc::Status::CANCELLED;
    v1::Upload& upload = stored->upload;
    upload.set_complete(upload.received_size() == upload.size());
    if (upload.complete()) upload.set_sha256(Sha256Of(stored->data));
    *response = upload;
    return EndCall(state_, "WriteUpload");
  }

  grpc::Status DeleteUpload(grpc::ServerContext* context, const v1::DeleteUploadRequest* request,
                            google::protobuf::Empty*) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "DeleteUpload");
    if (!begun.ok()) return begun;
    if (state_.uploads.erase(request->name()) == 0) {
      return ServerError(grpc::StatusCode::NOT_FOUND, "UPLOAD_NOT_FOUND", "no upload");
    }
    return EndCall(state_, "DeleteUpload");
  }

  grpc::Status FetchContent(grpc::ServerContext* context, const v1::FetchContentRequest* request,
                            v1::FetchContentResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "FetchContent");
    if (!begun.ok()) return begun;
    while (state_.silent_content && !context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return Fetch(*request, *response);
  }

  grpc::Status BatchFetchContents(grpc::ServerContext* context, const v1::BatchFetchContentsRequest* request,
                                  v1::BatchFetchContentsResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "BatchFetchContents");
    if (!begun.ok()) return begun;
    const bool slow = state_.slow_batch > 0 && request->requests_size() > state_.slow_batch;
    while (slow && !context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::int64_t room = state_.batch_limit;
    for (const v1::FetchContentRequest& one : request->requests()) {
      v1::BatchFetchContentsResult& result = *response->add_results();
      const grpc::Status status = Fetch(one, *result.mutable_response());
      if (!status.ok()) {
        result.clear_response();
        result.set_error_code(status.error_code());
        result.set_error_message(status.error_message());
        continue;
      }
      const std::int64_t size = static_cast<std::int64_t>(result.response().content().size());
      if (size > room) {
        result.mutable_response()->clear_content();
        result.mutable_response()->set_content_omitted(true);
      } else {
        room -= size;
      }
    }
    return grpc::Status::OK;
  }

  grpc::Status DownloadContent(grpc::ServerContext* context, const v1::DownloadContentRequest* request,
                               grpc::ServerWriter<v1::DownloadContentResponse>* writer) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "DownloadContent");
    if (!begun.ok()) return begun;
    state_.downloads.push_back(*request);
    std::string content;
    v1::DownloadContentResponse message;
    const grpc::Status found =
        Find(request->name(), request->companion(), *message.mutable_version(), *message.mutable_file(), content);
    if (!found.ok()) return found;
    const std::int64_t size = static_cast<std::int64_t>(content.size());
    const std::int64_t end = request->length() == 0 ? size : std::min(size, request->offset() + request->length());
    return SendPieces(state_, content.substr(0, static_cast<std::size_t>(end)), request->offset(), message, *writer);
  }

 private:
  // As a server that reads much from its disk; false: the client did not wait for it.
  bool Check(const grpc::ServerContext& context) const {
    const auto end = std::chrono::steady_clock::now() + state_.upload_check;
    while (std::chrono::steady_clock::now() < end && !context.IsCancelled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return !context.IsCancelled();
  }

  std::string Content(const v1::CheckInItem& item) {
    const v1::FileSource& source = item.main_file();
    if (!source.has_upload()) return source.data();
    std::string& data = state_.consumed[source.upload()];
    data = std::move(state_.uploads[source.upload()].data);
    state_.uploads.erase(source.upload());
    return data;
  }

  grpc::Status Find(const std::string& name, const std::string& companion, v1::Version& version, v1::File& file,
                    std::string& content) {
    const std::size_t mark = name.find("/versions/");
    const auto it = state_.documents.find(name.substr(0, mark));
    if (it == state_.documents.end() || it->second.versions.empty()) {
      return ServerError(grpc::StatusCode::NOT_FOUND, "DOCUMENT_NOT_FOUND", "no \"" + name + "\"");
    }
    std::size_t number = it->second.versions.size();
    if (mark != std::string::npos) number = std::stoul(name.substr(mark + 10));
    if (number == 0 || number > it->second.versions.size()) {
      return ServerError(grpc::StatusCode::NOT_FOUND, "VERSION_NOT_FOUND", "no \"" + name + "\"");
    }
    version = it->second.versions[number - 1];
    content = it->second.contents[number - 1];
    file = version.main_file();
    for (const v1::File& one : version.companions()) {
      if (one.file_name() != companion) continue;
      file = one;
      content = state_.companions[version.name() + "/" + companion];
    }
    return grpc::Status::OK;
  }

  grpc::Status Fetch(const v1::FetchContentRequest& request, v1::FetchContentResponse& response) {
    if (auto& faults = state_.content_faults[request.name()]; !faults.empty()) {
      const grpc::Status fault = faults.front();
      faults.pop_front();
      return fault;
    }
    std::string content;
    const grpc::Status found =
        Find(request.name(), request.companion(), *response.mutable_version(), *response.mutable_file(), content);
    if (!found.ok()) return found;
    response.set_etag(response.file().sha256());
    if (request.if_none_match() == response.etag()) {
      response.set_not_modified(true);
    } else if (static_cast<std::int64_t>(content.size()) > state_.inline_limit) {
      response.set_content_omitted(true);
    } else {
      if (state_.corrupt_content) content += "!";
      response.set_content(content);
    }
    return grpc::Status::OK;
  }

  FakeState& state_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewFakeContents(FakeState& state) { return std::make_unique<FakeContents>(state); }

}  // namespace greffe::client
