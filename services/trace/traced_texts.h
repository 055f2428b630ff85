// What is read out of the texts of documents by a project's rule: anchors, and links from front matter. Reads on the
// pool what lies on disk, then writes one commit and waits for it.
#pragma once

#include <grpcpp/server_context.h>

#include "absl/status/status.h"
#include "greffe/v1/trace.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Each answers the RPC of that name.
absl::Status ScanAnchors(const Runtime& runtime, const grpc::CallbackServerContext& context,
                         const v1::ScanAnchorsRequest& request, v1::ScanAnchorsResponse& response);
absl::Status ImportFrontMatterLinks(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                    const v1::ImportFrontMatterLinksRequest& request,
                                    v1::ImportFrontMatterLinksResponse& response);

}  // namespace greffe
