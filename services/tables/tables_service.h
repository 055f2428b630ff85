// Tables: see tables.proto.
#pragma once

#include "greffe/v1/tables.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class TablesService final : public v1::Tables::CallbackService {
 public:
  explicit TablesService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerWriteReactor<v1::ExportTableResponse>* ExportTable(grpc::CallbackServerContext* context,
                                                                 const v1::ExportTableRequest* request) override;
  grpc::ServerReadReactor<v1::ImportTableRequest>* ImportTable(grpc::CallbackServerContext* context,
                                                               v1::ImportTableResponse* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
