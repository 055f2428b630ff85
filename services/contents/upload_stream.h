// One stream of upload chunks: a chunk is taken on the pool before the next one is read, so that nothing piles up.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/contents.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// `response` becomes a v1::Upload.
grpc::ServerReadReactor<grpc::ByteBuffer>* NewUploadStream(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                           grpc::ByteBuffer* response);

}  // namespace greffe
