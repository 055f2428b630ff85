// Operation of the server: see admin.proto.
#pragma once

#include <string>
#include <utility>

#include "greffe/v1/admin.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class AdminService final : public v1::Admin::CallbackService {
 public:
  AdminService(const Runtime& runtime, std::string version) : runtime_(runtime), version_(std::move(version)) {}

  grpc::ServerUnaryReactor* GetServerStatus(grpc::CallbackServerContext* context,
                                            const v1::GetServerStatusRequest* request,
                                            v1::ServerStatus* response) override;
  grpc::ServerUnaryReactor* FlushRepositories(grpc::CallbackServerContext* context,
                                              const v1::FlushRepositoriesRequest* request,
                                              v1::FlushRepositoriesResponse* response) override;
  grpc::ServerUnaryReactor* StartScrub(grpc::CallbackServerContext* context, const v1::StartScrubRequest* request,
                                       v1::StartScrubResponse* response) override;
  grpc::ServerUnaryReactor* GetProjectStorage(grpc::CallbackServerContext* context,
                                              const v1::GetProjectStorageRequest* request,
                                              v1::ProjectStorage* response) override;

 private:
  const Runtime& runtime_;
  const std::string version_;
};

}  // namespace greffe
