#include "services/server/calls_under_way.h"

#include <string_view>

namespace greffe {

class CallsUnderWay::Interceptor final : public grpc::experimental::Interceptor {
 public:
  // `watching` is null for a call that ends by itself.
  Interceptor(CallsUnderWay& calls, grpc::ServerContextBase* watching) : calls_(calls), watching_(watching) {
    ++calls_.count_;
  }
  ~Interceptor() override {
    if (watching_ != nullptr) {
      const std::lock_guard lock(calls_.mutex_);
      calls_.watching_.erase(watching_);
    }
    --calls_.count_;
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    // Not before: until then the context is not whole, and cannot be cancelled.
    if (watching_ != nullptr &&
        methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      const std::lock_guard lock(calls_.mutex_);
      calls_.watching_.insert(watching_);
    }
    methods->Proceed();
  }

 private:
  CallsUnderWay& calls_;
  grpc::ServerContextBase* const watching_;
};

class CallsUnderWay::Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(CallsUnderWay& calls) : calls_(calls) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    const std::string_view method = info->method();
    const bool watches = method.substr(method.rfind('/') + 1).starts_with("Watch");
    const bool lasts = watches || method.starts_with("/grpc.reflection.");
    return new Interceptor(calls_, lasts ? info->server_context() : nullptr);
  }

 private:
  CallsUnderWay& calls_;
};

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> CallsUnderWay::NewFactory() {
  return std::make_unique<Factory>(*this);
}

void CallsUnderWay::CancelWatching() {
  const std::lock_guard lock(mutex_);
  const std::set<grpc::ServerContextBase*> calls = watching_;
  for (grpc::ServerContextBase* const call : calls) {
    if (watching_.contains(call)) call->TryCancel();
  }
}

}  // namespace greffe
