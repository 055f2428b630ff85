// One stream of a file's pieces: one write in flight, the next piece is read while nothing waits.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "services/call/runtime.h"

namespace greffe {

// `request` is a DownloadContentRequest, what is written are DownloadContentResponses.
grpc::ServerWriteReactor<grpc::ByteBuffer>* NewDownloadStream(const Runtime& runtime,
                                                              grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request);

}  // namespace greffe
