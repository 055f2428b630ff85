// Tables: see tables.proto.
#pragma once

#include "greffe/v1/tables.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// A raw method: a message of ImportTable that is none must not pass for the stream's end.
class TablesService final : public v1::Tables::WithRawCallbackMethod_ImportTable<v1::Tables::CallbackService> {
 public:
  explicit TablesService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerWriteReactor<v1::ExportTableResponse>* ExportTable(grpc::CallbackServerContext* context,
                                                                 const v1::ExportTableRequest* request) override;
  grpc::ServerReadReactor<grpc::ByteBuffer>* ImportTable(grpc::CallbackServerContext* context,
                                                         grpc::ByteBuffer* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
