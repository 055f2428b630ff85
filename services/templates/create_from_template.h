// Templates.CreateFromTemplate: see store/template_acts.h for why it takes two acts.
#pragma once

#include <grpcpp/server_context.h>

#include "greffe/v1/templates.pb.h"
#include "services/call/runtime.h"

namespace greffe {

grpc::ServerUnaryReactor* CreateFromTemplate(const Runtime& runtime, grpc::CallbackServerContext* context,
                                             const v1::CreateFromTemplateRequest* request, v1::Document* response);

}  // namespace greffe
