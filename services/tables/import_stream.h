// Tables.ImportTable.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/tables.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// `response` becomes a v1::ImportTableResponse.
grpc::ServerReadReactor<grpc::ByteBuffer>* NewTableImport(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                          grpc::ByteBuffer* response);

}  // namespace greffe
