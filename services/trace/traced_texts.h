// What is read out of the texts of documents by a project's rule: anchors, and links from front matter. Reads on the
// pool what lies on disk, then writes one commit, for which no thread waits.
#pragma once

#include <grpcpp/server_context.h>

#include "greffe/v1/trace.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Each answers the RPC of that name.
grpc::ServerUnaryReactor* ScanAnchors(const Runtime& runtime, grpc::CallbackServerContext* context,
                                      const v1::ScanAnchorsRequest* request, v1::ScanAnchorsResponse* response);
grpc::ServerUnaryReactor* ImportFrontMatterLinks(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                 const v1::ImportFrontMatterLinksRequest* request,
                                                 v1::ImportFrontMatterLinksResponse* response);

}  // namespace greffe
