// One stream of a file's pieces: one write in flight, the next piece is read while nothing waits.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/contents.pb.h"
#include "services/call/runtime.h"

namespace greffe {

grpc::ServerWriteReactor<v1::DownloadContentResponse>* NewDownloadStream(const Runtime& runtime,
                                                                         grpc::CallbackServerContext* context,
                                                                         const v1::DownloadContentRequest* request);

}  // namespace greffe
