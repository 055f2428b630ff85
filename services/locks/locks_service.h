// Locks: see locks.proto.
#pragma once

#include "greffe/v1/locks.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class LocksService final : public v1::Locks::CallbackService {
 public:
  explicit LocksService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* LockDocument(grpc::CallbackServerContext* context, const v1::LockDocumentRequest* request,
                                         v1::Lock* response) override;
  grpc::ServerUnaryReactor* UnlockDocument(grpc::CallbackServerContext* context,
                                           const v1::UnlockDocumentRequest* request, v1::Lock* response) override;
  grpc::ServerUnaryReactor* ForceUnlockDocument(grpc::CallbackServerContext* context,
                                                const v1::ForceUnlockDocumentRequest* request,
                                                v1::Lock* response) override;
  grpc::ServerUnaryReactor* GetLock(grpc::CallbackServerContext* context, const v1::GetLockRequest* request,
                                    v1::Lock* response) override;
  grpc::ServerUnaryReactor* ListLocks(grpc::CallbackServerContext* context, const v1::ListLocksRequest* request,
                                      v1::ListLocksResponse* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
