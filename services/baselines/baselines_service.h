// Baselines: see baselines.proto.
#pragma once

#include "greffe/v1/baselines.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class BaselinesService final : public v1::Baselines::CallbackService {
 public:
  explicit BaselinesService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateBaseline(grpc::CallbackServerContext* context,
                                           const v1::CreateBaselineRequest* request, v1::Baseline* response) override;
  grpc::ServerUnaryReactor* GetBaseline(grpc::CallbackServerContext* context, const v1::GetBaselineRequest* request,
                                        v1::Baseline* response) override;
  grpc::ServerUnaryReactor* ListBaselines(grpc::CallbackServerContext* context, const v1::ListBaselinesRequest* request,
                                          v1::ListBaselinesResponse* response) override;
  grpc::ServerUnaryReactor* ListBaselineDocuments(grpc::CallbackServerContext* context,
                                                  const v1::ListBaselineDocumentsRequest* request,
                                                  v1::ListBaselineDocumentsResponse* response) override;
  grpc::ServerUnaryReactor* CompareBaselines(grpc::CallbackServerContext* context,
                                             const v1::CompareBaselinesRequest* request,
                                             v1::CompareBaselinesResponse* response) override;
  grpc::ServerUnaryReactor* CompareBaselineRecords(grpc::CallbackServerContext* context,
                                                   const v1::CompareBaselineRecordsRequest* request,
                                                   v1::CompareBaselineRecordsResponse* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
