#include "services/call/malformed_request.h"

#include <string_view>

#include "services/call/status.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

using grpc::experimental::InterceptionHookPoints;

class Interceptor final : public grpc::experimental::Interceptor {
 public:
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      // Greffe's own statuses have a message, always.
      if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED && status.error_message().empty()) {
        methods->ModifySendStatus(ToGrpcStatus(MalformedRequest()));
      }
    }
    methods->Proceed();
  }
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    const std::string_view method = info->method();
    // Raw methods parse by themselves; others' services (health, reflection) answer for themselves.
    const bool raw = method.ends_with("/FetchContent") || method.ends_with("/DownloadContent") ||
                     method.ends_with("/DownloadTransmittal") || method.ends_with("/WriteUpload") ||
                     method.ends_with("/ImportTable") || method.ends_with("/ImportCommits");
    if (raw || !method.starts_with("/greffe.")) return nullptr;
    return new Interceptor;
  }
};

}  // namespace

absl::Status MalformedRequest() {
  return Error(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
               "the request is no message of its type, or a text in it is not UTF-8");
}

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> MalformedRequestInterceptors() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<Factory>());
  return factories;
}

}  // namespace greffe
