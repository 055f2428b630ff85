// Versions: see versions.proto.
#pragma once

#include "greffe/v1/versions.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class VersionsService final : public v1::Versions::CallbackService {
 public:
  explicit VersionsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* ListVersions(grpc::CallbackServerContext* context, const v1::ListVersionsRequest* request,
                                         v1::ListVersionsResponse* response) override;
  grpc::ServerUnaryReactor* GetVersion(grpc::CallbackServerContext* context, const v1::GetVersionRequest* request,
                                       v1::Version* response) override;
  grpc::ServerUnaryReactor* CompareVersions(grpc::CallbackServerContext* context,
                                            const v1::CompareVersionsRequest* request,
                                            v1::CompareVersionsResponse* response) override;
  grpc::ServerUnaryReactor* ApproveVersion(grpc::CallbackServerContext* context,
                                           const v1::ApproveVersionRequest* request, v1::Version* response) override;
  grpc::ServerUnaryReactor* RevokeApproval(grpc::CallbackServerContext* context,
                                           const v1::RevokeApprovalRequest* request, v1::Version* response) override;
  grpc::ServerUnaryReactor* ReleaseVersion(grpc::CallbackServerContext* context,
                                           const v1::ReleaseVersionRequest* request, v1::Version* response) override;
  grpc::ServerUnaryReactor* ObsoleteVersion(grpc::CallbackServerContext* context,
                                            const v1::ObsoleteVersionRequest* request, v1::Version* response) override;
  grpc::ServerUnaryReactor* RestoreVersion(grpc::CallbackServerContext* context,
                                           const v1::RestoreVersionRequest* request, v1::Version* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
