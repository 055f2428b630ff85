#include "services/versions/versions_service.h"

#include <utility>

#include "services/call/records.h"
#include "services/call/unary.h"
#include "services/versions/compare.h"
#include "storage/base/names.h"
#include "storage/store/version_acts.h"

namespace greffe {
namespace {

// A write about the version of that name; `act` does it.
template <typename Request, typename Act>
absl::StatusOr<WriteRequest> WriteAboutVersion(const grpc::CallbackServerContext& context, const Request& request,
                                               int least_comment, Act act) {
  GREFFE_ASSIGN_OR_RETURN(VersionName name, ParseVersionName(request.name()));
  GREFFE_RETURN_IF_ERROR(ValidateText(request.comment(), "comment", least_comment, kMaxComment, true));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, name.project, request));
  write.act = [name = std::move(name), act = std::move(act)](Transaction& transaction) {
    return act(transaction, name);
  };
  return write;
}

// The version whose state the write changed. A release tells of the one that it superseded too.
absl::Status AnswerVersion(const Store& store, const std::string& name, const WriteResult& result,
                           v1::Version* response) {
  for (const RecordPtr& record : result.records) {
    if (record->GetDescriptor() != v1::Version::descriptor()) continue;
    const auto& version = static_cast<const v1::Version&>(*record);
    if (version.state() != v1::VERSION_STATE_SUPERSEDED) {
      *response = version;
      return absl::OkStatus();
    }
  }
  GREFFE_ASSIGN_OR_RETURN(const VersionName parsed, ParseVersionName(name));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(parsed.project, result.Seen()));
  GREFFE_ASSIGN_OR_RETURN(*response, view.ResolveVersion(parsed));
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* VersionsService::ListVersions(grpc::CallbackServerContext* context,
                                                        const v1::ListVersionsRequest* request,
                                                        v1::ListVersionsResponse* response) {
  return AnswerFromPool(runtime_, context, "Versions.ListVersions", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project, asked.Moment(request->as_of())));
    GREFFE_ASSIGN_OR_RETURN(VersionPage page, view.ListVersions(name.number, asked.size, asked.begin.position));
    for (std::string& version : page.versions) {
      AddSerialized(*response, *v1::Version::descriptor(), std::move(version));
    }
    response->set_total_size(page.total_size);
    if (!page.next.empty()) {
      response->set_next_page_token(NextPageToken(runtime_, asked, view.sequence(), std::move(page.next)));
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* VersionsService::GetVersion(grpc::CallbackServerContext* context,
                                                      const v1::GetVersionRequest* request, v1::Version* response) {
  return AnswerNow(context, "Versions.GetVersion", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(request->name()));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project, request->as_of()));
    GREFFE_ASSIGN_OR_RETURN(*response, view.ResolveVersion(name));
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

grpc::ServerUnaryReactor* VersionsService::ApproveVersion(grpc::CallbackServerContext* context,
                                                          const v1::ApproveVersionRequest* request,
                                                          v1::Version* response) {
  auto write = WriteAboutVersion(*context, *request, 0,
                                 [comment = request->comment()](Transaction& transaction, const VersionName& name) {
                                   return greffe::ApproveVersion(transaction, name, comment);
                                 });
  return AnswerAfterWrite(runtime_, context, "Versions.ApproveVersion", std::move(write),
                          [this, request, response](const WriteResult& result) {
                            return AnswerVersion(runtime_.store, request->name(), result, response);
                          });
}

grpc::ServerUnaryReactor* VersionsService::RevokeApproval(grpc::CallbackServerContext* context,
                                                          const v1::RevokeApprovalRequest* request,
                                                          v1::Version* response) {
  auto write = WriteAboutVersion(*context, *request, 1,
                                 [comment = request->comment()](Transaction& transaction, const VersionName& name) {
                                   return greffe::RevokeApproval(transaction, name, comment);
                                 });
  return AnswerAfterWrite(runtime_, context, "Versions.RevokeApproval", std::move(write),
                          [this, request, response](const WriteResult& result) {
                            return AnswerVersion(runtime_.store, request->name(), result, response);
                          });
}

grpc::ServerUnaryReactor* VersionsService::ReleaseVersion(grpc::CallbackServerContext* context,
                                                          const v1::ReleaseVersionRequest* request,
                                                          v1::Version* response) {
  auto write = WriteAboutVersion(
      *context, *request, 0,
      [step = request->step(), comment = request->comment()](Transaction& transaction, const VersionName& name) {
        return greffe::ReleaseVersion(transaction, name, step, comment);
      });
  return AnswerAfterWrite(runtime_, context, "Versions.ReleaseVersion", std::move(write),
                          [this, request, response](const WriteResult& result) {
                            return AnswerVersion(runtime_.store, request->name(), result, response);
                          });
}

grpc::ServerUnaryReactor* VersionsService::ObsoleteVersion(grpc::CallbackServerContext* context,
                                                           const v1::ObsoleteVersionRequest* request,
                                                           v1::Version* response) {
  auto write = WriteAboutVersion(*context, *request, 1,
                                 [comment = request->comment()](Transaction& transaction, const VersionName& name) {
                                   return greffe::ObsoleteVersion(transaction, name, comment);
                                 });
  return AnswerAfterWrite(runtime_, context, "Versions.ObsoleteVersion", std::move(write),
                          [this, request, response](const WriteResult& result) {
                            return AnswerVersion(runtime_.store, request->name(), result, response);
                          });
}

grpc::ServerUnaryReactor* VersionsService::RestoreVersion(grpc::CallbackServerContext* context,
                                                          const v1::RestoreVersionRequest* request,
                                                          v1::Version* response) {
  auto write = WriteAboutVersion(
      *context, *request, 0,
      [etag = request->etag(), comment = request->comment()](Transaction& transaction, const VersionName& name) {
        return greffe::RestoreVersion(transaction, name, etag, comment);
      });
  return AnswerAfterWrite(runtime_, context, "Versions.RestoreVersion", std::move(write),
                          [response](const WriteResult& result) {
                            // It always makes a version, which is the latest one then.
                            *response = result.documents.front().latest_version();
                            return absl::OkStatus();
                          });
}

}  // namespace greffe
