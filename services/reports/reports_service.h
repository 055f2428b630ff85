// Reports: see reports.proto.
#pragma once

#include "greffe/v1/reports.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class ReportsService final : public v1::Reports::CallbackService {
 public:
  explicit ReportsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* GetProjectStatus(grpc::CallbackServerContext* context,
                                             const v1::GetProjectStatusRequest* request,
                                             v1::ProjectStatus* response) override;
  grpc::ServerUnaryReactor* ListPortfolio(grpc::CallbackServerContext* context, const v1::ListPortfolioRequest* request,
                                          v1::ListPortfolioResponse* response) override;
  grpc::ServerUnaryReactor* ListStatusSeries(grpc::CallbackServerContext* context,
                                             const v1::ListStatusSeriesRequest* request,
                                             v1::ListStatusSeriesResponse* response) override;
  grpc::ServerUnaryReactor* GetProgressReport(grpc::CallbackServerContext* context,
                                              const v1::GetProgressReportRequest* request,
                                              v1::ProgressReport* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
