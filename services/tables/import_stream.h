// Tables.ImportTable.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/tables.pb.h"
#include "services/call/runtime.h"

namespace greffe {

grpc::ServerReadReactor<v1::ImportTableRequest>* NewTableImport(const Runtime& runtime,
                                                                grpc::CallbackServerContext* context,
                                                                v1::ImportTableResponse* response);

}  // namespace greffe
