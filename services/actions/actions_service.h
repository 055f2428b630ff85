// Actions: see actions.proto.
#pragma once

#include "greffe/v1/actions.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class ActionsService final : public v1::Actions::CallbackService {
 public:
  explicit ActionsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateAction(grpc::CallbackServerContext* context, const v1::CreateActionRequest* request,
                                         v1::Action* response) override;
  grpc::ServerUnaryReactor* GetAction(grpc::CallbackServerContext* context, const v1::GetActionRequest* request,
                                      v1::Action* response) override;
  grpc::ServerUnaryReactor* ListActions(grpc::CallbackServerContext* context, const v1::ListActionsRequest* request,
                                        v1::ListActionsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateAction(grpc::CallbackServerContext* context, const v1::UpdateActionRequest* request,
                                         v1::Action* response) override;
  grpc::ServerUnaryReactor* StartAction(grpc::CallbackServerContext* context, const v1::StartActionRequest* request,
                                        v1::Action* response) override;
  grpc::ServerUnaryReactor* CompleteAction(grpc::CallbackServerContext* context,
                                           const v1::CompleteActionRequest* request, v1::Action* response) override;
  grpc::ServerUnaryReactor* CancelAction(grpc::CallbackServerContext* context, const v1::CancelActionRequest* request,
                                         v1::Action* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
