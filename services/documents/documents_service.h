// Documents: see documents.proto.
#pragma once

#include "greffe/v1/documents.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class DocumentsService final : public v1::Documents::CallbackService {
 public:
  explicit DocumentsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateDocument(grpc::CallbackServerContext* context,
                                           const v1::CreateDocumentRequest* request, v1::Document* response) override;
  grpc::ServerUnaryReactor* GetDocument(grpc::CallbackServerContext* context, const v1::GetDocumentRequest* request,
                                        v1::Document* response) override;
  grpc::ServerUnaryReactor* LookupDocument(grpc::CallbackServerContext* context,
                                           const v1::LookupDocumentRequest* request, v1::Document* response) override;
  grpc::ServerUnaryReactor* ListDocuments(grpc::CallbackServerContext* context, const v1::ListDocumentsRequest* request,
                                          v1::ListDocumentsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateDocument(grpc::CallbackServerContext* context,
                                           const v1::UpdateDocumentRequest* request, v1::Document* response) override;
  grpc::ServerUnaryReactor* MoveDocument(grpc::CallbackServerContext* context, const v1::MoveDocumentRequest* request,
                                         v1::Document* response) override;
  grpc::ServerUnaryReactor* WithdrawDocument(grpc::CallbackServerContext* context,
                                             const v1::WithdrawDocumentRequest* request,
                                             v1::Document* response) override;
  grpc::ServerUnaryReactor* ReinstateDocument(grpc::CallbackServerContext* context,
                                              const v1::ReinstateDocumentRequest* request,
                                              v1::Document* response) override;

 private:
  // Answers with the one document that the write was about; as it is, when nothing changed.
  grpc::ServerUnaryReactor* AnswerDocument(grpc::CallbackServerContext* context, const char* method,
                                           absl::StatusOr<WriteRequest> write, const std::string& name,
                                           v1::Document* response);

  const Runtime& runtime_;
};

}  // namespace greffe
