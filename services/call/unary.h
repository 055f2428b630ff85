// How unary calls are answered: at once, from the pool, or after a write.
#pragma once

#include <grpcpp/server_context.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/access/identity.h"
#include "services/call/call_log.h"
#include "services/call/runtime.h"
#include "services/call/status.h"
#include "storage/base/errors.h"
#include "storage/store/request_digest.h"

namespace greffe {

// `work` fills the response and does no I/O that could wait.
template <typename Work>
grpc::ServerUnaryReactor* AnswerNow(grpc::CallbackServerContext* context, const char* method, Work work) {
  const CallLog log(context, method);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::Status status = work();
  log.End(status);
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

// `work` may read from disk, and calls the `finish(status)` that it is given once, then or later, on any thread: what
// it waits for holds no thread of the pool. Request and response last until then. It is not done when its turn comes
// after the caller has gone: those that wait behind it have not.
template <typename Work>
grpc::ServerUnaryReactor* AnswerAfterPool(const Runtime& runtime, grpc::CallbackServerContext* context,
                                          const char* method, Work work) {
  const CallLog log(context, method);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto finish = [log, reactor](const absl::Status& status) {
    log.End(status);
    reactor->Finish(ToGrpcStatus(status));
  };
  const auto answer = [context, finish, work = std::move(work)]() mutable {
    if (context->IsCancelled()) return finish(absl::CancelledError("the caller is gone"));
    work(finish);
  };
  if (!runtime.pool.Run(answer)) {
    finish(Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY", "too many requests wait; try again later"));
  }
  return reactor;
}

// The same of `work` that answers itself, with its status.
template <typename Work>
grpc::ServerUnaryReactor* AnswerFromPool(const Runtime& runtime, grpc::CallbackServerContext* context,
                                         const char* method, Work work) {
  return AnswerAfterPool(runtime, context, method,
                         [work = std::move(work)](const auto& finish) mutable { finish(work()); });
}

// Calls `next` with the result of a write, on the thread that made it: there, or from the pool when what a request made
// that was done before is to be read first.
void WhenRead(const Runtime& runtime, absl::StatusOr<WriteResult> result,
              std::function<void(absl::StatusOr<WriteResult> result)> next);

// Queues the write; `answer` fills the response from its result.
grpc::ServerUnaryReactor* AnswerAfterWrite(const Runtime& runtime, grpc::CallbackServerContext* context,
                                           const char* method, absl::StatusOr<WriteRequest> request,
                                           std::function<absl::Status(WriteResult& result)> answer);

// The same of a write that is prepared on the pool, since that may read from disk; the request outlives it.
grpc::ServerUnaryReactor* AnswerAfterPreparedWrite(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                   const char* method,
                                                   std::function<absl::StatusOr<WriteRequest>()> prepare,
                                                   std::function<absl::Status(WriteResult& result)> answer);

// A write on behalf of the caller: who, and the request's id with its digest (over everything but the id).
template <typename Request>
absl::StatusOr<WriteRequest> NewWrite(const grpc::CallbackServerContext& context, std::string project,
                                      const Request& request);

// The same bytes for equal messages.
std::string SerializeDeterministically(const google::protobuf::Message& message);

absl::Status ValidateRequestIdField(std::string_view request_id);

// Of all of a request but its id.
template <typename Request>
std::string RequestDigest(const Request& request) {
  Request rest = request;
  rest.clear_request_id();
  return DigestOf(request.GetTypeName() + "\n" + SerializeDeterministically(rest));
}

template <typename Request>
absl::StatusOr<WriteRequest> NewWrite(const grpc::CallbackServerContext& context, std::string project,
                                      const Request& request) {
  GREFFE_RETURN_IF_ERROR(ValidateRequestIdField(request.request_id()));
  WriteRequest write;
  GREFFE_ASSIGN_OR_RETURN(write.principal, CallerOf(context));
  write.project = std::move(project);
  write.request_id = request.request_id();
  write.bytes = static_cast<std::int64_t>(request.ByteSizeLong());
  if (!write.request_id.empty()) write.digest = RequestDigest(request);
  return write;
}

}  // namespace greffe
