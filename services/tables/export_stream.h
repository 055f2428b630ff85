// Tables.ExportTable.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "greffe/v1/tables.pb.h"
#include "services/call/runtime.h"

namespace greffe {

grpc::ServerWriteReactor<v1::ExportTableResponse>* NewTableExport(const Runtime& runtime,
                                                                  grpc::CallbackServerContext* context,
                                                                  const v1::ExportTableRequest& request);

}  // namespace greffe
