// One stream of source commits: contents are hashed while earlier commits are written, answers go out in order.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>

#include "greffe/v1/imports.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// What `stream_bytes` must be at least for an import to have room for its largest commit.
std::int64_t LeastImportMemory(const CallLimits& limits);

// Of v1::ImportCommitsRequest and v1::ImportCommitsResponse.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewImportStream(const Runtime& runtime,
                                                                             grpc::CallbackServerContext* context);

}  // namespace greffe
