// One stream of changes.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/changes.pb.h"
#include "services/call/runtime.h"
#include "services/changes/watchers.h"

namespace greffe {

grpc::ServerWriteReactor<v1::WatchChangesResponse>* NewWatchStream(const Runtime& runtime, Watchers& watchers,
                                                                   grpc::CallbackServerContext* context,
                                                                   const v1::WatchChangesRequest& request);

}  // namespace greffe
