#include "services/admin/admin_service.h"

#include "services/call/status.h"
#include "services/call/unary.h"
#include "storage/base/names.h"

namespace greffe {

grpc::ServerUnaryReactor* AdminService::GetServerStatus(grpc::CallbackServerContext* context,
                                                        const v1::GetServerStatusRequest*, v1::ServerStatus* response) {
  return AnswerFromPool(runtime_, context, "Admin.GetServerStatus", [this, response]() -> absl::Status {
    *response = runtime_.store.Status();
    response->set_not_writable_reason(TextForCallers(response->not_writable_reason()));
    response->set_version(version_);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::FlushRepositories(grpc::CallbackServerContext* context,
                                                          const v1::FlushRepositoriesRequest* request,
                                                          v1::FlushRepositoriesResponse* response) {
  // The pool's threads are few: none of them waits for what others pack.
  return AnswerAfterPool(runtime_, context, "Admin.FlushRepositories", [this, request, response](const auto& finish) {
    absl::StatusOr<std::string> project = std::string();
    if (request->parent() != "projects/-") project = ParseProjectName(request->parent(), "parent");
    if (!project.ok()) return finish(project.status());
    runtime_.store.FlushRepositories(*project, [response, finish](const absl::StatusOr<FlushResult>& flushed) {
      if (flushed.ok()) response->set_commit_count(flushed->commit_count);
      finish(flushed.status());
    });
  });
}

grpc::ServerUnaryReactor* AdminService::StartScrub(grpc::CallbackServerContext* context, const v1::StartScrubRequest*,
                                                   v1::StartScrubResponse* response) {
  return AnswerFromPool(runtime_, context, "Admin.StartScrub", [this, response]() -> absl::Status {
    GREFFE_RETURN_IF_ERROR(runtime_.store.BeginScrub());
    *response->mutable_scrub() = runtime_.store.Scrub();
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminService::GetProjectStorage(grpc::CallbackServerContext* context,
                                                          const v1::GetProjectStorageRequest* request,
                                                          v1::ProjectStorage* response) {
  return AnswerFromPool(runtime_, context, "Admin.GetProjectStorage", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->name()));
    GREFFE_ASSIGN_OR_RETURN(*response, runtime_.store.DescribeStorage(project));
    return absl::OkStatus();
  });
}

}  // namespace greffe
