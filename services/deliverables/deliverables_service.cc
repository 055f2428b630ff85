#include "services/deliverables/deliverables_service.h"

#include <utility>

#include "services/call/due.h"
#include "services/call/records.h"
#include "storage/base/civil_date.h"
#include "storage/base/slip_trend.h"
#include "storage/store/acceptance_acts.h"
#include "storage/store/deliverable_acts.h"

namespace greffe {
namespace {

constexpr int kTrendDays = 84;

}  // namespace

grpc::ServerUnaryReactor* DeliverablesService::CreateDeliverable(grpc::CallbackServerContext* context,
                                                                 const v1::CreateDeliverableRequest* request,
                                                                 v1::Deliverable* response) {
  const auto write = [&]() -> absl::StatusOr<WriteRequest> {
    GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(WriteRequest made, NewWrite(*context, std::move(project), *request));
    made.act = [request = *request](Transaction& transaction) {
      return greffe::CreateDeliverable(transaction, request.deliverable(), request.deliverable_id());
    };
    return made;
  };
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.CreateDeliverable", write(), "", response);
}

grpc::ServerUnaryReactor* DeliverablesService::GetDeliverable(grpc::CallbackServerContext* context,
                                                              const v1::GetDeliverableRequest* request,
                                                              v1::Deliverable* response) {
  return AnswerNow(context, "Deliverables.GetDeliverable", [&] { return AnswerRecord(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* DeliverablesService::ListDeliverables(grpc::CallbackServerContext* context,
                                                                const v1::ListDeliverablesRequest* request,
                                                                v1::ListDeliverablesResponse* response) {
  return AnswerFromPool(runtime_, context, "Deliverables.ListDeliverables", [this, request, response] {
    return AnswerDuePage<v1::Deliverable>(runtime_, *request, response);
  });
}

grpc::ServerUnaryReactor* DeliverablesService::UpdateDeliverable(grpc::CallbackServerContext* context,
                                                                 const v1::UpdateDeliverableRequest* request,
                                                                 v1::Deliverable* response) {
  auto write = WriteAboutRecord<v1::Deliverable>(
      *context, *request, request->deliverable().name(), "deliverable.name",
      [request = *request](Transaction& transaction, const std::string& id) {
        const auto& paths = request.update_mask().paths();
        return greffe::UpdateDeliverable(transaction, request.deliverable(), id, {paths.begin(), paths.end()});
      });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.UpdateDeliverable", std::move(write),
                                request->deliverable().name(), response);
}

grpc::ServerUnaryReactor* DeliverablesService::PlanDeliverable(grpc::CallbackServerContext* context,
                                                               const v1::PlanDeliverableRequest* request,
                                                               v1::Deliverable* response) {
  auto write = WriteWithReason<v1::Deliverable>(*context, *request, request->reason(), "reason", 0,
                                                [request = *request](Transaction& transaction, const std::string& id) {
                                                  return greffe::PlanDeliverable(
                                                      transaction, id, request.planned_date(), request.reason());
                                                });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.PlanDeliverable", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* DeliverablesService::ForecastDeliverable(grpc::CallbackServerContext* context,
                                                                   const v1::ForecastDeliverableRequest* request,
                                                                   v1::Deliverable* response) {
  auto write = WriteWithReason<v1::Deliverable>(*context, *request, request->reason(), "reason", 0,
                                                [request = *request](Transaction& transaction, const std::string& id) {
                                                  return greffe::ForecastDeliverable(
                                                      transaction, id, request.forecast_date(), request.reason());
                                                });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.ForecastDeliverable", std::move(write),
                                request->name(), response);
}

grpc::ServerUnaryReactor* DeliverablesService::StartDeliverable(grpc::CallbackServerContext* context,
                                                                const v1::StartDeliverableRequest* request,
                                                                v1::Deliverable* response) {
  auto write = WriteAboutRecord<v1::Deliverable>(*context, *request, request->name(), "name",
                                                 [request = *request](Transaction& transaction, const std::string& id) {
                                                   return greffe::StartDeliverable(transaction, id);
                                                 });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.StartDeliverable", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* DeliverablesService::SubmitDeliverable(grpc::CallbackServerContext* context,
                                                                 const v1::SubmitDeliverableRequest* request,
                                                                 v1::Deliverable* response) {
  auto write = WriteWithReason<v1::Deliverable>(*context, *request, request->comment(), "comment", 0,
                                                [request = *request](Transaction& transaction, const std::string& id) {
                                                  return greffe::SubmitDeliverable(transaction, id, request);
                                                });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.SubmitDeliverable", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* DeliverablesService::AcceptDeliverable(grpc::CallbackServerContext* context,
                                                                 const v1::AcceptDeliverableRequest* request,
                                                                 v1::Deliverable* response) {
  auto write = WriteWithReason<v1::Deliverable>(*context, *request, request->comment(), "comment", 0,
                                                [request = *request](Transaction& transaction, const std::string& id) {
                                                  return greffe::AcceptDeliverable(transaction, id, request);
                                                });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.AcceptDeliverable", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* DeliverablesService::RejectDeliverable(grpc::CallbackServerContext* context,
                                                                 const v1::RejectDeliverableRequest* request,
                                                                 v1::Deliverable* response) {
  auto write = WriteWithReason<v1::Deliverable>(*context, *request, request->comment(), "comment", 1,
                                                [request = *request](Transaction& transaction, const std::string& id) {
                                                  return greffe::RejectDeliverable(transaction, id, request);
                                                });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.RejectDeliverable", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* DeliverablesService::ArchiveDeliverable(grpc::CallbackServerContext* context,
                                                                  const v1::ArchiveDeliverableRequest* request,
                                                                  v1::Deliverable* response) {
  auto write = WriteWithReason<v1::Deliverable>(*context, *request, request->comment(), "comment", 0,
                                                [request = *request](Transaction& transaction, const std::string& id) {
                                                  return greffe::ArchiveDeliverable(transaction, id, request.comment());
                                                });
  return AnswerAfterRecordWrite(runtime_, context, "Deliverables.ArchiveDeliverable", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* DeliverablesService::GetSlipTrend(grpc::CallbackServerContext* context,
                                                            const v1::GetSlipTrendRequest* request,
                                                            v1::SlipTrend* response) {
  return AnswerFromPool(runtime_, context, "Deliverables.GetSlipTrend", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(project, request->as_of()));
    std::string to = request->to_date();
    if (to.empty()) {
      GREFFE_ASSIGN_OR_RETURN(to, DayOf(runtime_, project, request->as_of()));
    }
    GREFFE_RETURN_IF_ERROR(ValidateDate(to, "to_date"));
    const std::string from = request->from_date().empty() ? AddDays(to, -kTrendDays) : request->from_date();
    GREFFE_ASSIGN_OR_RETURN(SlipTrendCounter counter, SlipTrendCounter::Make(from, to, request->period()));
    // A mark begins with its date and a space, which '!' comes after.
    const absl::Status walked = view.VisitValues(KindOf<v1::Deliverable>(), "slip_marks", from, to + "!",
                                                 [&counter](std::string_view mark, std::string_view id) {
                                                   counter.Count(mark, id);
                                                   return true;
                                                 });
    GREFFE_RETURN_IF_ERROR(walked);
    *response = counter.Finish();
    response->set_sequence(view.sequence());
    return absl::OkStatus();
  });
}

}  // namespace greffe
