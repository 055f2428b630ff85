// Deliverables: see deliverables.proto.
#pragma once

#include "greffe/v1/deliverables.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class DeliverablesService final : public v1::Deliverables::CallbackService {
 public:
  explicit DeliverablesService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateDeliverable(grpc::CallbackServerContext* context,
                                              const v1::CreateDeliverableRequest* request,
                                              v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* GetDeliverable(grpc::CallbackServerContext* context,
                                           const v1::GetDeliverableRequest* request,
                                           v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* ListDeliverables(grpc::CallbackServerContext* context,
                                             const v1::ListDeliverablesRequest* request,
                                             v1::ListDeliverablesResponse* response) override;
  grpc::ServerUnaryReactor* UpdateDeliverable(grpc::CallbackServerContext* context,
                                              const v1::UpdateDeliverableRequest* request,
                                              v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* PlanDeliverable(grpc::CallbackServerContext* context,
                                            const v1::PlanDeliverableRequest* request,
                                            v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* ForecastDeliverable(grpc::CallbackServerContext* context,
                                                const v1::ForecastDeliverableRequest* request,
                                                v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* StartDeliverable(grpc::CallbackServerContext* context,
                                             const v1::StartDeliverableRequest* request,
                                             v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* SubmitDeliverable(grpc::CallbackServerContext* context,
                                              const v1::SubmitDeliverableRequest* request,
                                              v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* AcceptDeliverable(grpc::CallbackServerContext* context,
                                              const v1::AcceptDeliverableRequest* request,
                                              v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* RejectDeliverable(grpc::CallbackServerContext* context,
                                              const v1::RejectDeliverableRequest* request,
                                              v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* ArchiveDeliverable(grpc::CallbackServerContext* context,
                                               const v1::ArchiveDeliverableRequest* request,
                                               v1::Deliverable* response) override;
  grpc::ServerUnaryReactor* GetSlipTrend(grpc::CallbackServerContext* context, const v1::GetSlipTrendRequest* request,
                                         v1::SlipTrend* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
