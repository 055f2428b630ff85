#include "services/call/unary.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "greffe/v1/admin.grpc.pb.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class Counting final : public v1::Admin::CallbackService {
 public:
  explicit Counting(const Runtime& runtime) : runtime_(runtime) {}
  grpc::ServerUnaryReactor* GetServerStatus(grpc::CallbackServerContext* context, const v1::GetServerStatusRequest*,
                                            v1::ServerStatus*) override {
    return AnswerFromPool(runtime_, context, "GetServerStatus", [this] {
      ++answered;
      return absl::OkStatus();
    });
  }

  std::atomic<int> answered = 0;

 private:
  const Runtime& runtime_;
};

class UnaryTest : public StoreFixture {};

TEST_F(UnaryTest, CallsWhoseCallersHaveGoneAreNotAnsweredBeforeThoseThatWait) {
  WorkerPool pool(1, 1000);
  StreamMemory memory(CallLimits{}.stream_bytes);
  const Runtime runtime{*store_, pool, clock_, memory, {}};
  Counting service(runtime);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub =
      v1::Admin::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  const auto call = [&](std::chrono::milliseconds time) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + time);
    v1::ServerStatus answer;
    return stub->GetServerStatus(&context, {}, &answer).error_code();
  };
  ASSERT_EQ(call(std::chrono::minutes(1)), grpc::StatusCode::OK);
  std::promise<void> release;
  ASSERT_TRUE(pool.Run([held = release.get_future().share()] { held.wait(); }));
  std::vector<std::thread> callers;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(call(std::chrono::milliseconds(200)), grpc::StatusCode::DEADLINE_EXCEEDED); });
  }
  for (std::thread& caller : callers) caller.join();
  std::thread waiting([&] { EXPECT_EQ(call(std::chrono::minutes(1)), grpc::StatusCode::OK); });
  release.set_value();
  waiting.join();
  EXPECT_EQ(service.answered, 2);
  server->Shutdown();
}

}  // namespace
}  // namespace greffe
