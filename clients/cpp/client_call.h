// How each method of the client calls; for the files that have them.
#pragma once

#include "clients/cpp/client.h"
#include "clients/cpp/error.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/stubs.h"
#include "grpcpp/client_context.h"

namespace greffe::client {

template <typename Stub, typename Request, typename Response, typename Result>
absl::StatusOr<Response> Client::Call(Stub& stub,
                                      Result (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                      Request& request, int* attempts) const {
  if constexpr (requires { request.set_request_id(std::string()); }) {
    if (request.request_id().empty()) request.set_request_id(NextRequestId());
  }
  const auto deadline = Backoff::Clock::now() + options_.timeout;
  Backoff backoff(options_.retry, deadline);
  if (answered_) backoff.Reset();  // a server that was there and is away is most likely starting again
  while (true) {
    grpc::ClientContext context;
    Prepare(context);
    context.set_deadline(deadline);
    if (attempts != nullptr) ++*attempts;
    Response response;
    const absl::Status status = FromGrpc((stub.*method)(&context, request, &response));
    if (status.ok() || !ReasonOf(status).empty()) answered_ = true;
    if (status.ok()) return response;
    if (!(IsRetryable(status) || IsTooManyUploads(status)) || !backoff.Wait(status)) return status;
  }
}

}  // namespace greffe::client
