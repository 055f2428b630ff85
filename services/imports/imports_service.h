// Imports: see imports.proto.
#pragma once

#include "greffe/v1/imports.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// A raw method: a message of ImportCommits that is none must not pass for the stream's end. A raw stream both ways
// would clash with the parsed one of CallbackService, so the methods are put together here.
class ImportsService final : public v1::Imports::WithRawCallbackMethod_ImportCommits<
                                 v1::Imports::WithCallbackMethod_GetImportSource<v1::Imports::Service>> {
 public:
  explicit ImportsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* GetImportSource(grpc::CallbackServerContext* context,
                                            const v1::GetImportSourceRequest* request,
                                            v1::ImportSource* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ImportCommits(
      grpc::CallbackServerContext* context) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
