// Projects: see projects.proto.
#pragma once

#include "greffe/v1/projects.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class ProjectsService final : public v1::Projects::CallbackService {
 public:
  explicit ProjectsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateProject(grpc::CallbackServerContext* context, const v1::CreateProjectRequest* request,
                                          v1::Project* response) override;
  grpc::ServerUnaryReactor* GetProject(grpc::CallbackServerContext* context, const v1::GetProjectRequest* request,
                                       v1::Project* response) override;
  grpc::ServerUnaryReactor* ListProjects(grpc::CallbackServerContext* context, const v1::ListProjectsRequest* request,
                                         v1::ListProjectsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateProject(grpc::CallbackServerContext* context, const v1::UpdateProjectRequest* request,
                                          v1::Project* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
