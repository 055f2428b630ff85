#include "services/call/unary.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "greffe/v1/admin.grpc.pb.h"
#include "services/documents/documents_service.h"
#include "services/tables/import_digest.h"
#include "services/trace/trace_service.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class Counting final : public v1::Admin::CallbackService {
 public:
  explicit Counting(const Runtime& runtime) : runtime_(runtime) {}
  grpc::ServerUnaryReactor* GetServerStatus(grpc::CallbackServerContext* context, const v1::GetServerStatusRequest*,
                                            v1::ServerStatus*) override {
    {
      const std::lock_guard lock(mutex_);
      contexts_.push_back(context);
    }
    return AnswerFromPool(runtime_, context, "GetServerStatus", [this] {
      ++answered;
      return absl::OkStatus();
    });
  }

  // Of the calls that came since the last Forget, none of which may be answered yet.
  std::size_t CountWaiting() const {
    const std::lock_guard lock(mutex_);
    return contexts_.size();
  }
  std::size_t CountGone() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(contexts_.begin(), contexts_.end(), [](const auto* context) { return context->IsCancelled(); }));
  }
  void Forget() {
    const std::lock_guard lock(mutex_);
    contexts_.clear();
  }

  std::atomic<int> answered = 0;

 private:
  const Runtime& runtime_;
  mutable std::mutex mutex_;
  std::vector<grpc::CallbackServerContext*> contexts_;
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
  const auto call = [&](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    v1::ServerStatus answer;
    return stub->GetServerStatus(&context, {}, &answer).error_code();
  };
  grpc::ClientContext first;
  ASSERT_EQ(call(first), grpc::StatusCode::OK);
  service.Forget();
  std::promise<void> release;
  ASSERT_TRUE(pool.Run([held = release.get_future().share()] { held.wait(); }));
  constexpr std::size_t kCallers = 20;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < kCallers; ++i) {
    grpc::ClientContext& context = *contexts.emplace_back(std::make_unique<grpc::ClientContext>());
    callers.emplace_back([&] { EXPECT_EQ(call(context), grpc::StatusCode::CANCELLED); });
  }
  while (service.CountWaiting() < kCallers) std::this_thread::yield();
  for (const auto& context : contexts) context->TryCancel();
  for (std::thread& caller : callers) caller.join();
  while (service.CountGone() < kCallers) std::this_thread::yield();
  grpc::ClientContext last;
  std::thread waiting([&] { EXPECT_EQ(call(last), grpc::StatusCode::OK); });
  release.set_value();
  waiting.join();
  EXPECT_EQ(service.answered, 2);
  server->Shutdown();
}

class HeldWritesTest : public StoreFixture {
 protected:
  void Configure(StoreOptions& options) override {
    options.committers = 1;
    options.quick_append = {};
  }
};

TEST_F(HeldWritesTest, ScansAndImportsOfTextsThatWaitForTheirWritesHoldUpNoOtherCalls) {
  constexpr char kParent[] = "projects/apollo";
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("eip-1.md", "---\nrequires: 2\n---\n# One\n").ok());
  ASSERT_TRUE(Put("eip-2.md", "# Two\n").ok());
  const auto ruled = Act([](Transaction& transaction) {
    v1::Project project;
    project.mutable_trace_rule()->set_headings(true);
    v1::FrontMatterRule& key = *project.mutable_trace_rule()->add_front_matter();
    key.set_key("requires");
    key.set_type(v1::LINK_TYPE_DERIVES_FROM);
    key.set_path_template("eip-{}.md");
    return UpdateProject(transaction, project, {"trace_rule"});
  });
  ASSERT_TRUE(ruled.ok()) << ruled.status();

  WorkerPool pool(1, 1000);
  StreamMemory memory(CallLimits{}.stream_bytes);
  const Runtime runtime{*store_, pool, clock_, memory, {}};
  TraceService trace(runtime);
  DocumentsService documents(runtime);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&trace);
  builder.RegisterService(&documents);
  const auto server = builder.BuildAndStart();
  const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  const auto stub = v1::Trace::NewStub(channel);
  const auto deadline = [](grpc::ClientContext& context, int seconds) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
  };

  std::promise<void> begun;
  std::promise<void> release;
  WriteRequest holding;
  holding.project = "held";
  holding.act = [&](Transaction&) -> absl::Status {
    begun.set_value();
    release.get_future().wait();
    return absl::CancelledError("as the test wants it");
  };
  store_->Write(std::move(holding), [](const absl::StatusOr<WriteResult>&) {});
  begun.get_future().wait();
  const std::uint64_t calls = CallLog::Begun();
  v1::ScanAnchorsResponse scanned;
  std::thread scan([&] {
    grpc::ClientContext context;
    deadline(context, 60);
    v1::ScanAnchorsRequest request;
    request.set_parent(kParent);
    const grpc::Status status = stub->ScanAnchors(&context, request, &scanned);
    EXPECT_TRUE(status.ok()) << status.error_message();
  });
  v1::ImportFrontMatterLinksResponse imported[2];
  std::vector<std::thread> imports;
  for (const bool dry : {false, true}) {
    imports.emplace_back([&, dry] {
      grpc::ClientContext context;
      deadline(context, 60);
      v1::ImportFrontMatterLinksRequest request;
      request.set_parent(kParent);
      request.set_validate_only(dry);
      const grpc::Status status = stub->ImportFrontMatterLinks(&context, request, &imported[dry ? 1 : 0]);
      EXPECT_TRUE(status.ok()) << status.error_message();
    });
  }
  while (CallLog::Begun() < calls + 3) std::this_thread::yield();
  const auto lister = v1::Documents::NewStub(channel);
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    deadline(context, 10);
    v1::ListDocumentsRequest request;
    request.set_parent(kParent);
    v1::ListDocumentsResponse listed;
    const grpc::Status status = lister->ListDocuments(&context, request, &listed);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  release.set_value();
  scan.join();
  for (std::thread& caller : imports) caller.join();
  EXPECT_EQ(scanned.documents_scanned(), 2);
  EXPECT_EQ(imported[0].links_created(), 1);
  EXPECT_EQ(imported[1].links_created() + imported[1].links_existing(), 1);
  server->Shutdown();
}

TEST(NewWriteTest, CountsTheBytesOfItsRequest) {
  v1::ImportTableRequest request;
  request.set_comment(std::string(100'000, 'x'));
  const grpc::CallbackServerContext context;
  const absl::StatusOr<WriteRequest> write = NewWrite(context, "apollo", request);
  ASSERT_TRUE(write.ok()) << write.status();
  EXPECT_GE(write->bytes, 100'000) << "what waits is bounded by it";
}

// Requests with ids that commits remember must stay the same requests.
TEST(ImportDigestTest, IsThatOfTheWholeRequest) {
  v1::ImportTableRequest request;
  EXPECT_EQ(ImportDigest(request, ""), RequestDigest(request));
  request.set_parent("projects/apollo/risks");
  request.set_comment("why");
  request.set_request_id("table-1");
  request.set_size(300);
  request.add_columns()->set_heading("Title");
  request.mutable_dialect()->set_delimiter(v1::TABLE_DELIMITER_SEMICOLON);
  const std::string data(300, 'x');
  v1::ImportTableRequest whole = request;
  whole.set_data(data);
  EXPECT_EQ(ImportDigest(request, data), RequestDigest(whole));
  EXPECT_EQ(ImportDigest(request, ""), RequestDigest(request));
}

}  // namespace
}  // namespace greffe
