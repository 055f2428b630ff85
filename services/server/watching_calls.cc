#include "services/server/watching_calls.h"

#include <string_view>

namespace greffe {

class WatchingCalls::Interceptor final : public grpc::experimental::Interceptor {
 public:
  Interceptor(WatchingCalls& calls, grpc::ServerContextBase* context) : calls_(calls), context_(context) {}
  ~Interceptor() override {
    const std::lock_guard lock(calls_.mutex_);
    calls_.calls_.erase(context_);
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    // Not before: until then the context is not whole, and cannot be cancelled.
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      const std::lock_guard lock(calls_.mutex_);
      calls_.calls_.insert(context_);
    }
    methods->Proceed();
  }

 private:
  WatchingCalls& calls_;
  grpc::ServerContextBase* const context_;
};

class WatchingCalls::Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(WatchingCalls& calls) : calls_(calls) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    const std::string_view method = info->method();
    const bool watches = method.substr(method.rfind('/') + 1).starts_with("Watch");
    if (!watches && !method.starts_with("/grpc.reflection.")) return nullptr;
    return new Interceptor(calls_, info->server_context());
  }

 private:
  WatchingCalls& calls_;
};

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> WatchingCalls::NewFactory() {
  return std::make_unique<Factory>(*this);
}

void WatchingCalls::CancelAll() {
  const std::lock_guard lock(mutex_);
  const std::set<grpc::ServerContextBase*> calls = calls_;
  for (grpc::ServerContextBase* const call : calls) {
    if (calls_.contains(call)) call->TryCancel();
  }
}

}  // namespace greffe
