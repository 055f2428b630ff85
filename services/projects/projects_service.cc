#include "services/projects/projects_service.h"

#include <utility>

#include "services/call/asked_page.h"
#include "services/call/unary.h"
#include "storage/base/canonical_json.h"
#include "storage/base/names.h"
#include "storage/base/page_bytes.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

// The project as it is after the write, with what depends on the moment.
absl::Status AnswerProject(const Store& store, const std::string& project, const WriteResult& result,
                           v1::Project* response) {
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(project, result.Seen()));
  GREFFE_ASSIGN_OR_RETURN(*response, view.GetProject());
  return absl::OkStatus();
}

absl::StatusOr<WriteRequest> NewCreateProject(const grpc::CallbackServerContext& context,
                                              const v1::CreateProjectRequest& request) {
  GREFFE_RETURN_IF_ERROR(ValidateProjectId(request.project_id(), "project_id"));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, request.project_id(), request));
  write.act = [project = request.project()](Transaction& transaction) { return CreateProject(transaction, project); };
  return write;
}

absl::StatusOr<v1::Project> ReadProject(const Store& store, const std::string& id) {
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(id));
  return view.GetProject();
}

absl::StatusOr<WriteRequest> NewUpdate(const grpc::CallbackServerContext& context,
                                       const v1::UpdateProjectRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request.project().name(), "project.name"));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(project), request));
  std::vector<std::string> paths(request.update_mask().paths().begin(), request.update_mask().paths().end());
  write.act = [values = request.project(), paths = std::move(paths)](Transaction& transaction) {
    return UpdateProject(transaction, values, paths);
  };
  return write;
}

}  // namespace

grpc::ServerUnaryReactor* ProjectsService::CreateProject(grpc::CallbackServerContext* context,
                                                         const v1::CreateProjectRequest* request,
                                                         v1::Project* response) {
  return AnswerAfterWrite(runtime_, context, "Projects.CreateProject", NewCreateProject(*context, *request),
                          [this, request, response](const WriteResult& result) {
                            return AnswerProject(runtime_.store, request->project_id(), result, response);
                          });
}

grpc::ServerUnaryReactor* ProjectsService::GetProject(grpc::CallbackServerContext* context,
                                                      const v1::GetProjectRequest* request, v1::Project* response) {
  return AnswerNow(context, "Projects.GetProject", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->name()));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(project, request->as_of()));
    GREFFE_ASSIGN_OR_RETURN(*response, view.GetProject());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ProjectsService::ListProjects(grpc::CallbackServerContext* context,
                                                        const v1::ListProjectsRequest* request,
                                                        v1::ListProjectsResponse* response) {
  return AnswerFromPool(runtime_, context, "Projects.ListProjects", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    std::string last = asked.begin.position;
    GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> ids, runtime_.store.ListProjects(last, asked.size + 1));
    std::size_t bytes = 0;
    for (const std::string& id : ids) {
      // The one behind the page need not be readable.
      bool full = response->projects_size() + response->damaged_projects_size() == asked.size;
      absl::StatusOr<v1::Project> project;
      if (!full) {
        project = ReadProject(runtime_.store, id);
        if (project.ok()) bytes += project->ByteSizeLong();
        full = bytes > kPageBytes && response->projects_size() > 0;
      }
      if (full) {
        response->set_next_page_token(NextPageToken(runtime_, asked, 0, last));
        break;
      }
      last = id;
      if (IsUnreadable(project.status())) {
        response->add_damaged_projects(ProjectName(id));  // the others are not kept back by one
        continue;
      }
      GREFFE_RETURN_IF_ERROR(project.status());
      *response->add_projects() = *std::move(project);
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* ProjectsService::UpdateProject(grpc::CallbackServerContext* context,
                                                         const v1::UpdateProjectRequest* request,
                                                         v1::Project* response) {
  return AnswerAfterWrite(runtime_, context, "Projects.UpdateProject", NewUpdate(*context, *request),
                          [this, request, response](const WriteResult& result) {
                            return AnswerProject(runtime_.store, request->project().name().substr(9), result, response);
                          });
}

}  // namespace greffe
