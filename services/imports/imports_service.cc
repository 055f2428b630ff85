#include "services/imports/imports_service.h"

#include "services/call/unary.h"
#include "services/imports/import_stream.h"
#include "storage/base/names.h"

namespace greffe {

grpc::ServerUnaryReactor* ImportsService::GetImportSource(grpc::CallbackServerContext* context,
                                                          const v1::GetImportSourceRequest* request,
                                                          v1::ImportSource* response) {
  return AnswerNow(context, "Imports.GetImportSource", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const ChildName name, ParseChildName(request->name(), "importSources"));
    GREFFE_RETURN_IF_ERROR(runtime_.store.View(name.project).status());
    GREFFE_ASSIGN_OR_RETURN(const auto source, runtime_.store.index().FindImportSource(name.project, name.id));
    if (source) *response = *source;
    response->set_name(request->name());
    return absl::OkStatus();
  });
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ImportsService::ImportCommits(
    grpc::CallbackServerContext* context) {
  return NewImportStream(runtime_, context);
}

}  // namespace greffe
