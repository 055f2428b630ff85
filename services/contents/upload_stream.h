// One stream of upload chunks: a chunk is taken on the pool before the next one is read, so that nothing piles up.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/contents.pb.h"
#include "services/call/runtime.h"

namespace greffe {

grpc::ServerReadReactor<v1::WriteUploadRequest>* NewUploadStream(const Runtime& runtime,
                                                                 grpc::CallbackServerContext* context,
                                                                 v1::Upload* response);

}  // namespace greffe
