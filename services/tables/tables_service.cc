#include "services/tables/tables_service.h"

#include "services/tables/export_stream.h"
#include "services/tables/import_stream.h"

namespace greffe {

grpc::ServerWriteReactor<v1::ExportTableResponse>* TablesService::ExportTable(grpc::CallbackServerContext* context,
                                                                              const v1::ExportTableRequest* request) {
  return NewTableExport(runtime_, context, *request);
}

grpc::ServerReadReactor<grpc::ByteBuffer>* TablesService::ImportTable(grpc::CallbackServerContext* context,
                                                                      grpc::ByteBuffer* response) {
  return NewTableImport(runtime_, context, response);
}

}  // namespace greffe
