#include "services/reports/reports_service.h"

#include <string>

#include "services/call/unary.h"
#include "services/reports/portfolio.h"
#include "services/reports/progress_report.h"
#include "services/reports/project_status.h"
#include "services/reports/status_series.h"
#include "storage/base/names.h"

namespace greffe {

grpc::ServerUnaryReactor* ReportsService::GetProjectStatus(grpc::CallbackServerContext* context,
                                                           const v1::GetProjectStatusRequest* request,
                                                           v1::ProjectStatus* response) {
  return AnswerFromPool(runtime_, context, "Reports.GetProjectStatus", [this, request, response]() -> absl::Status {
    constexpr int kMaxItems = 100;
    GREFFE_ASSIGN_OR_RETURN(const std::string id, ParseProjectName(request->name()));
    StatusQuery query;
    if (request->has_due_within_days()) query.due_within_days = request->due_within_days();
    if (request->has_item_limit()) query.item_limit = request->item_limit();
    GREFFE_RETURN_IF_ERROR(ValidateStatusQuery(query, kMaxItems));
    GREFFE_RETURN_IF_ERROR(ValidateMoment(request->as_of(), request->date()));
    GREFFE_ASSIGN_OR_RETURN(*response, StatusAt(runtime_, id, request->as_of(), request->date(), query));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ReportsService::ListPortfolio(grpc::CallbackServerContext* context,
                                                        const v1::ListPortfolioRequest* request,
                                                        v1::ListPortfolioResponse* response) {
  return AnswerFromPool(runtime_, context, "Reports.ListPortfolio",
                        [this, request, response] { return greffe::ListPortfolio(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* ReportsService::ListStatusSeries(grpc::CallbackServerContext* context,
                                                           const v1::ListStatusSeriesRequest* request,
                                                           v1::ListStatusSeriesResponse* response) {
  return AnswerFromPool(runtime_, context, "Reports.ListStatusSeries",
                        [this, request, response] { return greffe::ListStatusSeries(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* ReportsService::GetProgressReport(grpc::CallbackServerContext* context,
                                                            const v1::GetProgressReportRequest* request,
                                                            v1::ProgressReport* response) {
  return AnswerFromPool(runtime_, context, "Reports.GetProgressReport", [this, context, request, response] {
    return greffe::GetProgressReport(
        runtime_, *request, [context] { return context->IsCancelled(); }, response);
  });
}

}  // namespace greffe
