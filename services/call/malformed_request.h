// Requests that cannot be parsed.
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"

namespace greffe {

// INVALID_ARGUMENT (REQUEST_MALFORMED): the request is no message of its type, or a text in it is not UTF-8.
absl::Status MalformedRequest();

// gRPC answers a request that it cannot parse with UNIMPLEMENTED and no word; these give MalformedRequest() instead. In
// a stream of requests it takes one for the end of the stream: those methods are raw, and parse by themselves.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> MalformedRequestInterceptors();

}  // namespace greffe
