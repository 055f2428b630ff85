#include "services/call/unary.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "storage/base/names.h"

namespace greffe {

void WhenRead(const Runtime& runtime, absl::StatusOr<WriteResult> result,
              std::function<void(absl::StatusOr<WriteResult> result)> next) {
  if (!result.ok() || result->unread.empty()) return next(std::move(result));
  runtime.pool.Continue([&runtime, next = std::move(next), replayed = *std::move(result)]() mutable {
    const absl::Status read = runtime.store.ReadReplayed(replayed);
    if (read.ok()) {
      next(std::move(replayed));
    } else {
      next(read);
    }
  });
}

namespace {

// Whether next to nobody else calls: the threads of gRPC are few, and one that writes answers no others meanwhile.
bool ComesAlone() {
  constexpr std::uint64_t kFewCalls = 4;  // from one write to the next
  static std::atomic<std::uint64_t> at_last_write = 0;
  const std::uint64_t now = CallLog::Begun();
  return now - at_last_write.exchange(now, std::memory_order_relaxed) <= kFewCalls;
}

void WriteAndAnswer(const Runtime& runtime, const CallLog& log, grpc::ServerUnaryReactor* reactor,
                    absl::StatusOr<WriteRequest> request, std::function<absl::Status(WriteResult& result)> answer) {
  if (!request.ok()) {
    log.End(request.status());
    reactor->Finish(ToGrpcStatus(request.status()));
    return;
  }
  runtime.store.Write(*std::move(request), [&runtime, log, reactor,
                                            answer = std::move(answer)](absl::StatusOr<WriteResult> written) mutable {
    WhenRead(runtime, std::move(written),
             [log, reactor, answer = std::move(answer)](absl::StatusOr<WriteResult> result) {
               const absl::Status status = result.ok() ? answer(*result) : result.status();
               log.End(status);
               reactor->Finish(ToGrpcStatus(status));
             });
  });
}

}  // namespace

grpc::ServerUnaryReactor* AnswerAfterWrite(const Runtime& runtime, grpc::CallbackServerContext* context,
                                           const char* method, absl::StatusOr<WriteRequest> request,
                                           std::function<absl::Status(WriteResult& result)> answer) {
  const CallLog log(context, method);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (request.ok()) request->by_caller = ComesAlone();
  WriteAndAnswer(runtime, log, reactor, std::move(request), std::move(answer));
  return reactor;
}

grpc::ServerUnaryReactor* AnswerAfterPreparedWrite(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                   const char* method,
                                                   std::function<absl::StatusOr<WriteRequest>()> prepare,
                                                   std::function<absl::Status(WriteResult& result)> answer) {
  const CallLog log(context, method);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const bool run = runtime.pool.Run([&runtime, log, reactor, context, prepare = std::move(prepare), answer]() mutable {
    if (context->IsCancelled()) {
      const absl::Status gone = absl::CancelledError("the caller is gone");
      log.End(gone);
      reactor->Finish(ToGrpcStatus(gone));
      return;
    }
    WriteAndAnswer(runtime, log, reactor, prepare(), std::move(answer));
  });
  if (!run) {
    const absl::Status busy =
        Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY", "too many requests wait; try again later");
    log.End(busy);
    reactor->Finish(ToGrpcStatus(busy));
  }
  return reactor;
}

std::string SerializeDeterministically(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream output(&bytes);
    google::protobuf::io::CodedOutputStream coded(&output);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

absl::Status ValidateRequestIdField(std::string_view request_id) { return ValidateRequestId(request_id, "request_id"); }

}  // namespace greffe
