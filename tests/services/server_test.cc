#include "services/server/server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "greffe/v1/changes.grpc.pb.h"
#include "storage/base/errors.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

ServerConfig ConfigIn(const std::string& data) {
  ServerConfig config;
  config.data = data;
  config.listen = "127.0.0.1:0";
  config.store.directory = data;
  config.store.reserve_bytes = 0;
  return config;
}

void StopAndWait(Server& server) {
  server.RequestStop();
  const absl::Status stopped = server.Wait();
  EXPECT_TRUE(stopped.ok()) << stopped;
}

TEST(ServerTest, AStartThatFailsBehindItsListeningEndsWhatItBegan) {
  const TemporaryDirectory directory;
  ServerConfig config = ConfigIn(directory.path() + "/data");
  config.port_file = directory.path() + "/none/port";
  const auto unwritten = Server::Start(config);
  EXPECT_TRUE(absl::IsNotFound(unwritten.status())) << unwritten.status();

  const auto other = Server::Start(ConfigIn(directory.path() + "/other"));
  ASSERT_TRUE(other.ok()) << other.status();
  config.port_file.clear();
  config.listen = (*other)->address();
  EXPECT_EQ(ReasonOf(Server::Start(config).status()), "LISTEN_FAILED");
  StopAndWait(**other);

  // Another one takes its folder and its address.
  const auto server = Server::Start(config);
  ASSERT_TRUE(server.ok()) << server.status();
  StopAndWait(**server);
}

TEST(ServerTest, OneThatNobodyWaitedForEndsWithItsCalls) {
  const TemporaryDirectory directory;
  const ServerConfig config = ConfigIn(directory.path() + "/data");
  auto server = Server::Start(config);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto changes =
      v1::Changes::NewStub(grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::WatchChangesRequest request;
  request.set_parent("projects/-");
  const auto stream = changes->WatchChanges(&context, request);
  v1::WatchChangesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  server->reset();
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Server::Start(config).ok());
}

TEST(ServerTest, TheSocketThatAnotherOneListensOnIsLeftToIt) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/socket";
  ServerConfig config = ConfigIn(directory.path() + "/data");
  ServerConfig other = ConfigIn(directory.path() + "/other");
  config.listen = "unix:" + path;
  other.listen = "unix://" + path;
  {
    const auto server = Server::Start(config);
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_EQ(ReasonOf(Server::Start(other).status()), "LISTEN_FAILED");
    const auto channel = grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
    EXPECT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20)));
    StopAndWait(**server);
  }
  // One that a killed server left gives way.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  const auto server = Server::Start(other);
  ASSERT_TRUE(server.ok()) << server.status();
  StopAndWait(**server);
}

TEST(ServerTest, AHostIsListenedToOnOnePortOfAllItsAddresses) {
  const TemporaryDirectory directory;
  ServerConfig config = ConfigIn(directory.path() + "/data");
  config.listen = "localhost:0";
  const auto server = Server::Start(config);
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_GT((*server)->port(), 0);
  for (const std::string& address : {(*server)->address(), "127.0.0.1:" + std::to_string((*server)->port())}) {
    const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
    EXPECT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20))) << address;
  }
  StopAndWait(**server);
}

}  // namespace
}  // namespace greffe
