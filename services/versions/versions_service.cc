#include "services/versions/versions_service.h"

#include <utility>

#include "services/call/unary.h"
#include "services/versions/compare.h"
#include "storage/base/names.h"

namespace greffe {

grpc::ServerUnaryReactor* VersionsService::ListVersions(grpc::CallbackServerContext* context,
                                                        const v1::ListVersionsRequest* request,
                                                        v1::ListVersionsResponse* response) {
  return AnswerFromPool(runtime_, context, "Versions.ListVersions", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const int size, PageSize(request->page_size()));
    const std::string query = PageQuery(*request);
    v1::AsOf as_of = request->as_of();
    PageToken token;
    if (!request->page_token().empty()) {
      GREFFE_ASSIGN_OR_RETURN(
          token, DecodePageToken(request->page_token(), query, runtime_.clock.Now(), runtime_.limits.page_token_age));
      as_of.set_sequence(token.sequence);
    }
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project, as_of));
    GREFFE_ASSIGN_OR_RETURN(VersionPage page, view.ListVersions(name.number, size, token.position));
    for (v1::Version& version : page.versions) *response->add_versions() = std::move(version);
    response->set_total_size(page.total_size);
    if (!page.next.empty()) {
      response->set_next_page_token(
          EncodePageToken({view.sequence(), std::move(page.next)}, query, runtime_.clock.Now()));
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* VersionsService::GetVersion(grpc::CallbackServerContext* context,
                                                      const v1::GetVersionRequest* request, v1::Version* response) {
  return AnswerNow(context, "Versions.GetVersion", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(request->name()));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project));
    GREFFE_ASSIGN_OR_RETURN(*response, view.GetVersion(name.number, name.version));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* VersionsService::CompareVersions(grpc::CallbackServerContext* context,
                                                           const v1::CompareVersionsRequest* request,
                                                           v1::CompareVersionsResponse* response) {
  return AnswerFromPool(runtime_, context, "Versions.CompareVersions", [this, request, response] {
    return greffe::CompareVersions(runtime_.store, runtime_.limits, *request, *response);
  });
}

}  // namespace greffe
