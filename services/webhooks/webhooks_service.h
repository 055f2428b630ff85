// Subscriptions of HTTP receivers: see webhooks.proto.
#pragma once

#include "greffe/v1/webhooks.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class WebhooksService final : public v1::Webhooks::CallbackService {
 public:
  explicit WebhooksService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateWebhook(grpc::CallbackServerContext* context, const v1::CreateWebhookRequest* request,
                                          v1::Webhook* response) override;
  grpc::ServerUnaryReactor* GetWebhook(grpc::CallbackServerContext* context, const v1::GetWebhookRequest* request,
                                       v1::Webhook* response) override;
  grpc::ServerUnaryReactor* ListWebhooks(grpc::CallbackServerContext* context, const v1::ListWebhooksRequest* request,
                                         v1::ListWebhooksResponse* response) override;
  grpc::ServerUnaryReactor* UpdateWebhook(grpc::CallbackServerContext* context, const v1::UpdateWebhookRequest* request,
                                          v1::Webhook* response) override;
  grpc::ServerUnaryReactor* DeleteWebhook(grpc::CallbackServerContext* context, const v1::DeleteWebhookRequest* request,
                                          google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* ListDeadLetters(grpc::CallbackServerContext* context,
                                            const v1::ListDeadLettersRequest* request,
                                            v1::ListDeadLettersResponse* response) override;
  grpc::ServerUnaryReactor* RetryDeadLetters(grpc::CallbackServerContext* context,
                                             const v1::RetryDeadLettersRequest* request,
                                             v1::RetryDeadLettersResponse* response) override;

 private:
  absl::Status Validate(const v1::Webhook& webhook, const std::string& former_project) const;

  const Runtime& runtime_;
};

}  // namespace greffe
