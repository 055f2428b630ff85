// Inboxes: see notifications.proto.
#pragma once

#include "greffe/v1/notifications.grpc.pb.h"
#include "services/call/runtime.h"
#include "services/call/watchers.h"

namespace greffe {

class NotificationsService final : public v1::Notifications::CallbackService {
 public:
  explicit NotificationsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* ListNotifications(grpc::CallbackServerContext* context,
                                              const v1::ListNotificationsRequest* request,
                                              v1::ListNotificationsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchNotificationsResponse>* WatchNotifications(
      grpc::CallbackServerContext* context, const v1::WatchNotificationsRequest* request) override;
  grpc::ServerUnaryReactor* AcknowledgeNotifications(grpc::CallbackServerContext* context,
                                                     const v1::AcknowledgeNotificationsRequest* request,
                                                     v1::AcknowledgeNotificationsResponse* response) override;
  grpc::ServerUnaryReactor* GetDigest(grpc::CallbackServerContext* context, const v1::GetDigestRequest* request,
                                      v1::Digest* response) override;

  // Ends every stream with UNAVAILABLE (SHUTTING_DOWN): a stop does not wait for watchers.
  void Stop() { watchers_.Stop(); }

 private:
  const Runtime& runtime_;
  Watchers watchers_;
};

}  // namespace greffe
