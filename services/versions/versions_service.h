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

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
