// One stream of source commits: contents are hashed while earlier commits are written, answers go out in order.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/imports.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Of v1::ImportCommitsRequest and v1::ImportCommitsResponse.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewImportStream(const Runtime& runtime,
                                                                             grpc::CallbackServerContext* context);

}  // namespace greffe
