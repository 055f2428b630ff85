#include "services/milestones/milestones_service.h"

#include <utility>

#include "services/call/due.h"
#include "services/call/records.h"
#include "storage/store/milestone_acts.h"

namespace greffe {

grpc::ServerUnaryReactor* MilestonesService::CreateMilestone(grpc::CallbackServerContext* context,
                                                             const v1::CreateMilestoneRequest* request,
                                                             v1::Milestone* response) {
  const auto write = [&]() -> absl::StatusOr<WriteRequest> {
    GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(WriteRequest made, NewWrite(*context, std::move(project), *request));
    made.act = [request = *request](Transaction& transaction) {
      return greffe::CreateMilestone(transaction, request.milestone(), request.milestone_id());
    };
    return made;
  };
  return AnswerAfterRecordWrite(runtime_, context, "Milestones.CreateMilestone", write(), "", response);
}

grpc::ServerUnaryReactor* MilestonesService::GetMilestone(grpc::CallbackServerContext* context,
                                                          const v1::GetMilestoneRequest* request,
                                                          v1::Milestone* response) {
  return AnswerNow(context, "Milestones.GetMilestone", [&] { return AnswerRecord(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* MilestonesService::ListMilestones(grpc::CallbackServerContext* context,
                                                            const v1::ListMilestonesRequest* request,
                                                            v1::ListMilestonesResponse* response) {
  return AnswerFromPool(runtime_, context, "Milestones.ListMilestones", [this, request, response] {
    return AnswerDuePage<v1::Milestone>(runtime_, *request, response);
  });
}

grpc::ServerUnaryReactor* MilestonesService::UpdateMilestone(grpc::CallbackServerContext* context,
                                                             const v1::UpdateMilestoneRequest* request,
                                                             v1::Milestone* response) {
  auto write = WriteAboutRecord<v1::Milestone>(
      *context, *request, request->milestone().name(), "milestone.name",
      [request = *request](Transaction& transaction, const std::string& id) {
        const auto& paths = request.update_mask().paths();
        return greffe::UpdateMilestone(transaction, request.milestone(), id, {paths.begin(), paths.end()});
      });
  return AnswerAfterRecordWrite(runtime_, context, "Milestones.UpdateMilestone", std::move(write),
                                request->milestone().name(), response);
}

grpc::ServerUnaryReactor* MilestonesService::PlanMilestone(grpc::CallbackServerContext* context,
                                                           const v1::PlanMilestoneRequest* request,
                                                           v1::Milestone* response) {
  auto write = WriteWithReason<v1::Milestone>(*context, *request, request->reason(), "reason", 0,
                                              [request = *request](Transaction& transaction, const std::string& id) {
                                                return greffe::PlanMilestone(transaction, id, request.planned_date(),
                                                                             request.reason());
                                              });
  return AnswerAfterRecordWrite(runtime_, context, "Milestones.PlanMilestone", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* MilestonesService::ForecastMilestone(grpc::CallbackServerContext* context,
                                                               const v1::ForecastMilestoneRequest* request,
                                                               v1::Milestone* response) {
  auto write = WriteWithReason<v1::Milestone>(*context, *request, request->reason(), "reason", 0,
                                              [request = *request](Transaction& transaction, const std::string& id) {
                                                return greffe::ForecastMilestone(
                                                    transaction, id, request.forecast_date(), request.reason());
                                              });
  return AnswerAfterRecordWrite(runtime_, context, "Milestones.ForecastMilestone", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* MilestonesService::AchieveMilestone(grpc::CallbackServerContext* context,
                                                              const v1::AchieveMilestoneRequest* request,
                                                              v1::Milestone* response) {
  auto write = WriteWithReason<v1::Milestone>(*context, *request, request->comment(), "comment", 0,
                                              [request = *request](Transaction& transaction, const std::string& id) {
                                                return greffe::AchieveMilestone(transaction, id, request.actual_date(),
                                                                                request.comment());
                                              });
  return AnswerAfterRecordWrite(runtime_, context, "Milestones.AchieveMilestone", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* MilestonesService::MissMilestone(grpc::CallbackServerContext* context,
                                                           const v1::MissMilestoneRequest* request,
                                                           v1::Milestone* response) {
  auto write = WriteWithReason<v1::Milestone>(*context, *request, request->comment(), "comment", 1,
                                              [request = *request](Transaction& transaction, const std::string& id) {
                                                return greffe::MissMilestone(transaction, id, request.comment());
                                              });
  return AnswerAfterRecordWrite(runtime_, context, "Milestones.MissMilestone", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* MilestonesService::CancelMilestone(grpc::CallbackServerContext* context,
                                                             const v1::CancelMilestoneRequest* request,
                                                             v1::Milestone* response) {
  auto write = WriteWithReason<v1::Milestone>(*context, *request, request->comment(), "comment", 1,
                                              [request = *request](Transaction& transaction, const std::string& id) {
                                                return greffe::CancelMilestone(transaction, id, request.comment());
                                              });
  return AnswerAfterRecordWrite(runtime_, context, "Milestones.CancelMilestone", std::move(write), request->name(),
                                response);
}

}  // namespace greffe
