// Templates: see templates.proto.
#pragma once

#include "greffe/v1/templates.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class TemplatesService final : public v1::Templates::CallbackService {
 public:
  explicit TemplatesService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* GetTemplateFields(grpc::CallbackServerContext* context,
                                              const v1::GetTemplateFieldsRequest* request,
                                              v1::TemplateFields* response) override;
  grpc::ServerUnaryReactor* CreateFromTemplate(grpc::CallbackServerContext* context,
                                               const v1::CreateFromTemplateRequest* request,
                                               v1::Document* response) override;
  grpc::ServerUnaryReactor* ListOutdatedDocuments(grpc::CallbackServerContext* context,
                                                  const v1::ListOutdatedDocumentsRequest* request,
                                                  v1::ListOutdatedDocumentsResponse* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
