#include "tests/torture/gate.h"

#include <grpcpp/grpcpp.h>

namespace greffe {

client::Client* Connection::Next() {
  const auto server = gate_.AwaitAfter(generation_);
  if (!server.has_value()) return nullptr;
  generation_ = server->generation;
  grpc::ChannelArguments arguments;
  // A channel of its own, which does not remember how long the former server has been away.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  client::ClientOptions options;
  options.retry.max_attempts = 1;  // whether to ask again is for the caller to say
  options.retry.resume_attempts = 1;
  options.retry.busy_attempts = 1;
  options.principal_id = principal_;
  client_ = std::make_unique<client::Client>(
      grpc::CreateCustomChannel(server->address, grpc::InsecureChannelCredentials(), arguments), options);
  return client_.get();
}

}  // namespace greffe
