// Imports: see imports.proto.
#pragma once

#include "greffe/v1/imports.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class ImportsService final : public v1::Imports::CallbackService {
 public:
  explicit ImportsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* GetImportSource(grpc::CallbackServerContext* context,
                                            const v1::GetImportSourceRequest* request,
                                            v1::ImportSource* response) override;
  grpc::ServerBidiReactor<v1::ImportCommitsRequest, v1::ImportCommitsResponse>* ImportCommits(
      grpc::CallbackServerContext* context) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
