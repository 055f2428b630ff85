// The fake's documents.
#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

class FakeDocuments : public v1::Documents::Service {
 public:
  explicit FakeDocuments(FakeState& state) : state_(state) {}

  grpc::Status GetDocument(grpc::ServerContext* context, const v1::GetDocumentRequest* request,
                           v1::Document* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "GetDocument");
    if (!begun.ok()) return begun;
    const auto it = state_.documents.find(request->name());
    if (it == state_.documents.end()) return NotFound(request->name());
    *response = it->second.document;
    return grpc::Status::OK;
  }

  grpc::Status LookupDocument(grpc::ServerContext* context, const v1::LookupDocumentRequest* request,
                              v1::Document* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "LookupDocument");
    if (!begun.ok()) return begun;
    for (const auto& [name, stored] : state_.documents) {
      if (name.rfind(request->parent() + "/", 0) != 0) continue;
      const bool found = request->has_path() ? stored.document.path() == request->path() &&
                                                   stored.document.state() == v1::DOCUMENT_STATE_ACTIVE
                                             : name == request->parent() + "/documents/" + request->number();
      if (!found) continue;
      *response = stored.document;
      return grpc::Status::OK;
    }
    return NotFound(request->has_path() ? request->path() : request->number());
  }

  grpc::Status ListDocuments(grpc::ServerContext* context, const v1::ListDocumentsRequest* request,
                             v1::ListDocumentsResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "ListDocuments");
    if (!begun.ok()) return begun;
    state_.listings.push_back(*request);
    // Of filters it knows those by folder, path : "x/", by path, path = "x", and for withdrawn ones.
    const auto quoted = [&](const std::string& before) {
      const std::size_t at = request->filter().find(before + "\"");
      if (at == std::string::npos) return std::string();
      const std::size_t begin = at + before.size() + 1;
      return request->filter().substr(begin, request->filter().find('"', begin) - begin);
    };
    const std::string folder = quoted("path : ");
    const std::string path = quoted("path = ");
    const bool withdrawn = request->filter().find("state = WITHDRAWN") != std::string::npos;
    const v1::DocumentState state = withdrawn ? v1::DOCUMENT_STATE_WITHDRAWN : v1::DOCUMENT_STATE_ACTIVE;
    const std::size_t size = request->page_size() == 0 ? 50 : static_cast<std::size_t>(request->page_size());
    std::size_t skip = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    const std::size_t next = skip + size;
    for (const auto& [name, stored] : state_.documents) {
      if (name.rfind(request->parent() + "/", 0) != 0 || stored.document.state() != state) continue;
      if (stored.document.path().rfind(folder, 0) != 0) continue;
      if (!path.empty() && stored.document.path() != path) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      if (static_cast<std::size_t>(response->documents_size()) == size) {
        response->set_next_page_token(std::to_string(next));
        break;
      }
      *response->add_documents() = stored.document;
    }
    response->set_sequence(state_.sequence);
    return grpc::Status::OK;
  }

  grpc::Status UpdateDocument(grpc::ServerContext* context, const v1::UpdateDocumentRequest* request,
                              v1::Document* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "UpdateDocument", request->request_id());
    if (!begun.ok()) return begun;
    state_.update = *request;
    v1::Document& document = state_.documents[request->document().name()].document;
    for (const std::string& field : request->update_mask().paths()) {
      if (field == "title") document.set_title(request->document().title());
      if (field == "labels") *document.mutable_labels() = request->document().labels();
    }
    *response = document;
    return grpc::Status::OK;
  }

  grpc::Status MoveDocument(grpc::ServerContext* context, const v1::MoveDocumentRequest* request,
                            v1::Document* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "MoveDocument", request->request_id());
    if (!begun.ok()) return begun;
    v1::Document& document = state_.documents[request->name()].document;
    if (!request->etag().empty() && request->etag() != document.etag()) {
      return ServerError(grpc::StatusCode::ABORTED, "ETAG_MISMATCH", "etag is \"" + document.etag() + "\"",
                         {{"current_etag", document.etag()}});
    }
    document.set_path(request->destination_path());
    *response = document;
    return EndCall(state_, "MoveDocument");
  }

  grpc::Status WithdrawDocument(grpc::ServerContext* context, const v1::WithdrawDocumentRequest* request,
                                v1::Document* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "WithdrawDocument", request->request_id());
    if (!begun.ok()) return begun;
    v1::Document& document = state_.documents[request->name()].document;
    if (document.state() == v1::DOCUMENT_STATE_WITHDRAWN) {
      return ServerError(grpc::StatusCode::FAILED_PRECONDITION, "DOCUMENT_WITHDRAWN", "document is withdrawn");
    }
    document.set_state(v1::DOCUMENT_STATE_WITHDRAWN);
    *response = document;
    return grpc::Status::OK;
  }

  grpc::Status ReinstateDocument(grpc::ServerContext* context, const v1::ReinstateDocumentRequest* request,
                                 v1::Document* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "ReinstateDocument", request->request_id());
    if (!begun.ok()) return begun;
    v1::Document& document = state_.documents[request->name()].document;
    document.set_state(v1::DOCUMENT_STATE_ACTIVE);
    *response = document;
    return grpc::Status::OK;
  }

 private:
  static grpc::Status NotFound(const std::string& what) {
    return ServerError(grpc::StatusCode::NOT_FOUND, "DOCUMENT_NOT_FOUND", "no document \"" + what + "\"");
  }

  FakeState& state_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewFakeDocuments(FakeState& state) { return std::make_unique<FakeDocuments>(state); }

}  // namespace greffe::client
