#include "services/server/server.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <future>
#include <memory>
#include <string>

#include "greffe/v1/changes.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
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

// A stream of gRPC's own services, of which nobody reads any more once it is open.
class OpenStream {
 public:
  OpenStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, bool asks) : stub_(channel) {
    stream_ = stub_.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(nullptr);
    EXPECT_TRUE(Done());
    if (!asks) return;
    stream_->WriteLast(grpc::ByteBuffer(&nothing_, 1), grpc::WriteOptions(), nullptr);
    EXPECT_TRUE(Done());
    grpc::ByteBuffer answer;
    stream_->Read(&answer, nullptr);
    EXPECT_TRUE(Done());
  }
  ~OpenStream() {
    context_.TryCancel();
    grpc::Status status;
    stream_->Finish(&status, nullptr);
    Done();
  }

 private:
  bool Done() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  const grpc::Slice nothing_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

TEST(ServerTest, AStopWaitsForNobodyWhoWatches) {
  const TemporaryDirectory directory;
  ServerConfig config = ConfigIn(directory.path() + "/data");
  config.stop_seconds = 60;
  auto server = Server::Start(config);
  ASSERT_TRUE(server.ok()) << server.status();
  // A client that takes no more than it was asked for: 64 KiB.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const auto channel = grpc::CreateCustomChannel((*server)->address(), grpc::InsecureChannelCredentials(), arguments);
  grpc::ClientContext create_context;
  v1::CreateProjectRequest create;
  create.set_project_id("apollo");
  create.mutable_project()->set_title("Apollo");
  v1::Project project;
  ASSERT_TRUE(v1::Projects::NewStub(channel)->CreateProject(&create_context, create, &project).ok());
  v1::BatchCheckInRequest batch;
  batch.set_parent("projects/apollo");
  for (int i = 0; i < 1000; ++i) {
    v1::CheckInItem& item = *batch.add_items();
    item.mutable_new_document()->set_path(std::to_string(i) + std::string(150, 'x') + ".md");
    item.mutable_new_document()->set_type("specification");
    item.mutable_main_file()->set_data("x");
  }
  grpc::ClientContext batch_context;
  v1::BatchCheckInResponse checked_in;
  ASSERT_TRUE(v1::Contents::NewStub(channel)->BatchCheckIn(&batch_context, batch, &checked_in).ok());

  const OpenStream health(channel, "/grpc.health.v1.Health/Watch", true);
  const OpenStream reflection(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", false);
  grpc::ClientContext watch_context;
  v1::WatchChangesRequest request;
  request.set_parent("projects/apollo");
  const auto unread = v1::Changes::NewStub(channel)->WatchChanges(&watch_context, request);
  unread->WaitForInitialMetadata();
  v1::WatchChangesResponse first;
  ASSERT_TRUE(unread->Read(&first)) << "what comes next is large, and stays unread";

  const auto begin = std::chrono::steady_clock::now();
  StopAndWait(**server);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  watch_context.TryCancel();  // a stream has not ended before all of it is read
  unread->Finish();
}

TEST(ServerTest, AStopWaitsForACallUnderWayWhichIsAnswered) {
  const TemporaryDirectory directory;
  ServerConfig config = ConfigIn(directory.path() + "/data");
  config.stop_seconds = 60;
  auto server = Server::Start(config);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
  grpc::ClientContext project_context;
  v1::CreateProjectRequest project;
  project.set_project_id("apollo");
  project.mutable_project()->set_title("Apollo");
  v1::Project made;
  ASSERT_TRUE(v1::Projects::NewStub(channel)->CreateProject(&project_context, project, &made).ok());
  const auto contents = v1::Contents::NewStub(channel);
  grpc::ClientContext create_context;
  v1::CreateUploadRequest create;
  create.set_parent("projects/apollo");
  create.set_size(5);
  v1::Upload upload;
  ASSERT_TRUE(contents->CreateUpload(&create_context, create, &upload).ok());
  grpc::ClientContext context;
  v1::Upload written;
  const auto stream = contents->WriteUpload(&context, &written);
  v1::WriteUploadRequest piece;
  piece.set_name(upload.name());
  ASSERT_TRUE(stream->Write(piece));
  stream->WaitForInitialMetadata();

  const auto stopped = std::async(std::launch::async, [&] { StopAndWait(**server); });
  // Longer than it waits for those that no call needs.
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(4)), std::future_status::timeout);
  piece.set_data("piece");
  piece.set_crc32c(Crc32c(piece.data()));
  EXPECT_TRUE(stream->Write(piece));
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(written.received_size(), 5);
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
  const std::string port = std::to_string((*server)->port());
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  ASSERT_EQ(::getaddrinfo("localhost", port.c_str(), &hints, &found), 0);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const FileHandle socket(::socket(address->ai_family, SOCK_STREAM, 0));
    const bool connected = ::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0;
    // This machine may not have the family.
    EXPECT_TRUE(connected || errno == EADDRNOTAVAIL || !socket.valid()) << std::strerror(errno);
  }
  ::freeaddrinfo(found);
  const auto channel = grpc::CreateChannel("127.0.0.1:" + port, grpc::InsecureChannelCredentials());
  EXPECT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20)));
  StopAndWait(**server);
}

}  // namespace
}  // namespace greffe
