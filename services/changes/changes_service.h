// The change feed: see changes.proto.
#pragma once

#include "greffe/v1/changes.grpc.pb.h"
#include "services/call/runtime.h"
#include "services/call/watchers.h"

namespace greffe {

class ChangesService final : public v1::Changes::CallbackService {
 public:
  explicit ChangesService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* ListChanges(grpc::CallbackServerContext* context, const v1::ListChangesRequest* request,
                                        v1::ListChangesResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchChangesResponse>* WatchChanges(grpc::CallbackServerContext* context,
                                                                   const v1::WatchChangesRequest* request) override;

  // Ends every stream with UNAVAILABLE (SHUTTING_DOWN): a stop does not wait for watchers.
  void Stop() { watchers_.Stop(); }

 private:
  const Runtime& runtime_;
  Watchers watchers_;
};

}  // namespace greffe
