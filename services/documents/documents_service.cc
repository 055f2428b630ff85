#include "services/documents/documents_service.h"

#include <utility>

#include "services/call/asked_page.h"
#include "services/call/unary.h"
#include "storage/base/names.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

// A write about the document of that name: `act` does it, `comment` becomes the commit's body.
template <typename Request, typename Act>
absl::StatusOr<WriteRequest> WriteAboutDocument(const grpc::CallbackServerContext& context, const std::string& name,
                                                const std::string& field, const Request& request, Act act) {
  GREFFE_ASSIGN_OR_RETURN(DocumentName document, ParseDocumentName(name, field));
  GREFFE_RETURN_IF_ERROR(ValidateText(request.comment(), "comment", 0, kMaxComment, true));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(document.project), request));
  write.act = [number = std::move(document.number), comment = request.comment(),
               act = std::move(act)](Transaction& transaction) -> absl::Status {
    GREFFE_RETURN_IF_ERROR(act(transaction, number));
    transaction.SetBody(comment);
    return absl::OkStatus();
  };
  return write;
}

absl::StatusOr<WriteRequest> NewCreateDocument(const grpc::CallbackServerContext& context,
                                               const v1::CreateDocumentRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(project), request));
  write.act = [document = request.document(), number = request.document_id(),
               caller = write.principal.id()](Transaction& transaction) {
    return CreateDocument(transaction, document, number, caller, "document", "document_id").status();
  };
  return write;
}

}  // namespace

grpc::ServerUnaryReactor* DocumentsService::AnswerDocument(grpc::CallbackServerContext* context, const char* method,
                                                           absl::StatusOr<WriteRequest> write, const std::string& name,
                                                           v1::Document* response) {
  return AnswerAfterWrite(
      runtime_, context, method, std::move(write), [this, name, response](WriteResult& result) -> absl::Status {
        if (!result.documents.empty()) {
          *response = std::move(result.documents.front());
          return absl::OkStatus();
        }
        GREFFE_ASSIGN_OR_RETURN(const DocumentName document, ParseDocumentName(name));
        GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(document.project, result.Seen()));
        GREFFE_ASSIGN_OR_RETURN(*response, view.GetDocument(document.number));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DocumentsService::CreateDocument(grpc::CallbackServerContext* context,
                                                           const v1::CreateDocumentRequest* request,
                                                           v1::Document* response) {
  return AnswerDocument(context, "Documents.CreateDocument", NewCreateDocument(*context, *request), "", response);
}

grpc::ServerUnaryReactor* DocumentsService::GetDocument(grpc::CallbackServerContext* context,
                                                        const v1::GetDocumentRequest* request, v1::Document* response) {
  return AnswerNow(context, "Documents.GetDocument", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(request->name()));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project, request->as_of()));
    GREFFE_ASSIGN_OR_RETURN(*response, view.GetDocument(name.number));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* DocumentsService::LookupDocument(grpc::CallbackServerContext* context,
                                                           const v1::LookupDocumentRequest* request,
                                                           v1::Document* response) {
  return AnswerNow(context, "Documents.LookupDocument", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(project, request->as_of()));
    switch (request->key_case()) {
      case v1::LookupDocumentRequest::kNumber: {
        GREFFE_ASSIGN_OR_RETURN(*response, view.FindByNumberOrAlternate(request->number()));
        return absl::OkStatus();
      }
      case v1::LookupDocumentRequest::kAlternateNumber: {
        GREFFE_ASSIGN_OR_RETURN(*response, view.FindByAlternate(request->alternate_number()));
        return absl::OkStatus();
      }
      case v1::LookupDocumentRequest::kPath: {
        GREFFE_ASSIGN_OR_RETURN(*response, view.FindByPath(request->path()));
        return absl::OkStatus();
      }
      case v1::LookupDocumentRequest::KEY_NOT_SET:
        break;
    }
    return InvalidField("key", "FIELD_REQUIRED", "one of number, alternate_number and path is required");
  });
}

grpc::ServerUnaryReactor* DocumentsService::ListDocuments(grpc::CallbackServerContext* context,
                                                          const v1::ListDocumentsRequest* request,
                                                          v1::ListDocumentsResponse* response) {
  return AnswerFromPool(runtime_, context, "Documents.ListDocuments", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    GREFFE_ASSIGN_OR_RETURN(const DocumentFilter filter, ParseDocumentFilter(request->filter()));
    GREFFE_ASSIGN_OR_RETURN(const DocumentOrdering ordering, ParseDocumentOrdering(request->order_by()));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(project, asked.Moment(request->as_of())));
    GREFFE_ASSIGN_OR_RETURN(DocumentPage page, view.ListDocuments(filter, ordering, asked.size, asked.begin.position));
    for (v1::Document& document : page.documents) *response->add_documents() = std::move(document);
    response->set_sequence(view.sequence());
    if (!page.next.empty()) {
      response->set_next_page_token(NextPageToken(runtime_, asked, view.sequence(), std::move(page.next)));
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* DocumentsService::UpdateDocument(grpc::CallbackServerContext* context,
                                                           const v1::UpdateDocumentRequest* request,
                                                           v1::Document* response) {
  std::vector<std::string> paths(request->update_mask().paths().begin(), request->update_mask().paths().end());
  auto write = WriteAboutDocument(
      *context, request->document().name(), "document.name", *request,
      [values = request->document(), paths = std::move(paths)](Transaction& transaction, const std::string&) {
        return greffe::UpdateDocument(transaction, values, paths, "document");
      });
  return AnswerDocument(context, "Documents.UpdateDocument", std::move(write), request->document().name(), response);
}

grpc::ServerUnaryReactor* DocumentsService::MoveDocument(grpc::CallbackServerContext* context,
                                                         const v1::MoveDocumentRequest* request,
                                                         v1::Document* response) {
  auto write = WriteAboutDocument(*context, request->name(), "name", *request,
                                  [path = request->destination_path(), etag = request->etag()](
                                      Transaction& transaction, const std::string& number) {
                                    return greffe::MoveDocument(transaction, number, path, etag, "destination_path");
                                  });
  return AnswerDocument(context, "Documents.MoveDocument", std::move(write), request->name(), response);
}

grpc::ServerUnaryReactor* DocumentsService::WithdrawDocument(grpc::CallbackServerContext* context,
                                                             const v1::WithdrawDocumentRequest* request,
                                                             v1::Document* response) {
  auto write = WriteAboutDocument(*context, request->name(), "name", *request,
                                  [etag = request->etag()](Transaction& transaction, const std::string& number) {
                                    return greffe::WithdrawDocument(transaction, number, etag);
                                  });
  return AnswerDocument(context, "Documents.WithdrawDocument", std::move(write), request->name(), response);
}

grpc::ServerUnaryReactor* DocumentsService::ReinstateDocument(grpc::CallbackServerContext* context,
                                                              const v1::ReinstateDocumentRequest* request,
                                                              v1::Document* response) {
  auto write =
      WriteAboutDocument(*context, request->name(), "name", *request,
                         [path = request->destination_path(), etag = request->etag()](Transaction& transaction,
                                                                                      const std::string& number) {
                           return greffe::ReinstateDocument(transaction, number, path, etag, "destination_path");
                         });
  return AnswerDocument(context, "Documents.ReinstateDocument", std::move(write), request->name(), response);
}

}  // namespace greffe
