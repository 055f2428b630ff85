// The calls that a stop waits for, and those that last until somebody ends them (those that watch, reflection): for
// these it does not.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

namespace greffe {

// Thread-safe. Outlives the server whose calls these are.
class CallsUnderWay {
 public:
  // For the server's builder: sees the calls come and go, also those of gRPC's own services.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewFactory();

  // How many there are, those that watch too. One that is over has given its answer to the kernel.
  int count() const { return count_; }

  // Those that watch now.
  void CancelWatching();

 private:
  class Interceptor;
  class Factory;

  std::atomic<int> count_ = 0;
  // A call that is cancelled may go on the same thread, inside of CancelWatching. On another one it waits until that is
  // over, so that nothing is cancelled that is gone.
  std::recursive_mutex mutex_;
  std::set<grpc::ServerContextBase*> watching_;
};

}  // namespace greffe
