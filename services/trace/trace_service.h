// Traceability: see trace.proto.
#pragma once

#include "greffe/v1/trace.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class TraceService final : public v1::Trace::CallbackService {
 public:
  explicit TraceService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateLink(grpc::CallbackServerContext* context, const v1::CreateLinkRequest* request,
                                       v1::Link* response) override;
  grpc::ServerUnaryReactor* BatchCreateLinks(grpc::CallbackServerContext* context,
                                             const v1::BatchCreateLinksRequest* request,
                                             v1::BatchCreateLinksResponse* response) override;
  grpc::ServerUnaryReactor* GetLink(grpc::CallbackServerContext* context, const v1::GetLinkRequest* request,
                                    v1::Link* response) override;
  grpc::ServerUnaryReactor* ListLinks(grpc::CallbackServerContext* context, const v1::ListLinksRequest* request,
                                      v1::ListLinksResponse* response) override;
  grpc::ServerUnaryReactor* ConfirmLink(grpc::CallbackServerContext* context, const v1::ConfirmLinkRequest* request,
                                        v1::Link* response) override;
  grpc::ServerUnaryReactor* RepointLink(grpc::CallbackServerContext* context, const v1::RepointLinkRequest* request,
                                        v1::Link* response) override;
  grpc::ServerUnaryReactor* DeleteLink(grpc::CallbackServerContext* context, const v1::DeleteLinkRequest* request,
                                       v1::Link* response) override;
  grpc::ServerUnaryReactor* GetImpact(grpc::CallbackServerContext* context, const v1::GetImpactRequest* request,
                                      v1::GetImpactResponse* response) override;
  grpc::ServerUnaryReactor* GetCoverageMatrix(grpc::CallbackServerContext* context,
                                              const v1::GetCoverageMatrixRequest* request,
                                              v1::GetCoverageMatrixResponse* response) override;
  grpc::ServerUnaryReactor* ListOrphans(grpc::CallbackServerContext* context, const v1::ListOrphansRequest* request,
                                        v1::ListOrphansResponse* response) override;
  grpc::ServerUnaryReactor* ListAnchors(grpc::CallbackServerContext* context, const v1::ListAnchorsRequest* request,
                                        v1::ListAnchorsResponse* response) override;
  grpc::ServerUnaryReactor* ScanAnchors(grpc::CallbackServerContext* context, const v1::ScanAnchorsRequest* request,
                                        v1::ScanAnchorsResponse* response) override;
  grpc::ServerUnaryReactor* ImportFrontMatterLinks(grpc::CallbackServerContext* context,
                                                   const v1::ImportFrontMatterLinksRequest* request,
                                                   v1::ImportFrontMatterLinksResponse* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
