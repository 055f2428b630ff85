// Milestones: see milestones.proto.
#pragma once

#include "greffe/v1/milestones.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class MilestonesService final : public v1::Milestones::CallbackService {
 public:
  explicit MilestonesService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateMilestone(grpc::CallbackServerContext* context,
                                            const v1::CreateMilestoneRequest* request,
                                            v1::Milestone* response) override;
  grpc::ServerUnaryReactor* GetMilestone(grpc::CallbackServerContext* context, const v1::GetMilestoneRequest* request,
                                         v1::Milestone* response) override;
  grpc::ServerUnaryReactor* ListMilestones(grpc::CallbackServerContext* context,
                                           const v1::ListMilestonesRequest* request,
                                           v1::ListMilestonesResponse* response) override;
  grpc::ServerUnaryReactor* UpdateMilestone(grpc::CallbackServerContext* context,
                                            const v1::UpdateMilestoneRequest* request,
                                            v1::Milestone* response) override;
  grpc::ServerUnaryReactor* PlanMilestone(grpc::CallbackServerContext* context, const v1::PlanMilestoneRequest* request,
                                          v1::Milestone* response) override;
  grpc::ServerUnaryReactor* ForecastMilestone(grpc::CallbackServerContext* context,
                                              const v1::ForecastMilestoneRequest* request,
                                              v1::Milestone* response) override;
  grpc::ServerUnaryReactor* AchieveMilestone(grpc::CallbackServerContext* context,
                                             const v1::AchieveMilestoneRequest* request,
                                             v1::Milestone* response) override;
  grpc::ServerUnaryReactor* MissMilestone(grpc::CallbackServerContext* context, const v1::MissMilestoneRequest* request,
                                          v1::Milestone* response) override;
  grpc::ServerUnaryReactor* CancelMilestone(grpc::CallbackServerContext* context,
                                            const v1::CancelMilestoneRequest* request,
                                            v1::Milestone* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
