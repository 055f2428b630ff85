// The calls that last until somebody ends them (those that watch, reflection): a stop does not wait for these.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <mutex>
#include <set>

namespace greffe {

// Thread-safe. Outlives the server whose calls these are.
class WatchingCalls {
 public:
  // For the server's builder: sees the calls come and go, also those of gRPC's own services.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewFactory();

  // Those that there are now.
  void CancelAll();

 private:
  class Interceptor;
  class Factory;

  // A call that is cancelled may go on the same thread, inside of CancelAll. On another one it waits until that is
  // over, so that nothing is cancelled that is gone.
  std::recursive_mutex mutex_;
  std::set<grpc::ServerContextBase*> calls_;
};

}  // namespace greffe
