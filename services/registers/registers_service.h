// Registers: see registers.proto.
#pragma once

#include "greffe/v1/registers.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class RegistersService final : public v1::Registers::CallbackService {
 public:
  explicit RegistersService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateEntry(grpc::CallbackServerContext* context, const v1::CreateEntryRequest* request,
                                        v1::Entry* response) override;
  grpc::ServerUnaryReactor* GetEntry(grpc::CallbackServerContext* context, const v1::GetEntryRequest* request,
                                     v1::Entry* response) override;
  grpc::ServerUnaryReactor* ListEntries(grpc::CallbackServerContext* context, const v1::ListEntriesRequest* request,
                                        v1::ListEntriesResponse* response) override;
  grpc::ServerUnaryReactor* UpdateEntry(grpc::CallbackServerContext* context, const v1::UpdateEntryRequest* request,
                                        v1::Entry* response) override;
  grpc::ServerUnaryReactor* TransitionEntry(grpc::CallbackServerContext* context,
                                            const v1::TransitionEntryRequest* request, v1::Entry* response) override;
  grpc::ServerUnaryReactor* ListEntryRevisions(grpc::CallbackServerContext* context,
                                               const v1::ListEntryRevisionsRequest* request,
                                               v1::ListEntryRevisionsResponse* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
