#include "clients/cpp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::SizeIs;

class ClientTest : public ::testing::Test {
 protected:
  ClientOptions Options() {
    ClientOptions options;
    options.server = server_.address();
    options.timeout = milliseconds(20000);
    options.retry = {4, 4, milliseconds(1), milliseconds(4)};
    return options;
  }

  FakeServer server_;
  Client client_{Options()};
  FakeState& state_ = server_.state();
};

TEST_F(ClientTest, RetriesCarryTheSameRequestId) {
  state_.faults["CreateProject"] = {kUnavailable, kUnavailable};
  v1::CreateProjectRequest request;
  request.set_project_id("p");
  EXPECT_TRUE(client_.CreateProject(request).ok());
  ASSERT_THAT(state_.request_ids, SizeIs(3));
  EXPECT_THAT(state_.request_ids, Each(state_.request_ids[0]));
  EXPECT_EQ(state_.request_ids[0].size(), 36U);
}

TEST_F(ClientTest, ALostAnswerIsAskedForAgainAndTheActDoneOnce) {
  state_.faults_after["CreateProject"] = {kUnavailable};
  v1::CreateProjectRequest request;
  request.set_project_id("p");
  const auto project = client_.CreateProject(request);
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(project->name(), "projects/p");
  EXPECT_EQ(state_.calls["CreateProject"], 2);
}

TEST_F(ClientTest, ACallersRequestIdIsKept) {
  v1::CreateProjectRequest request;
  request.set_project_id("p");
  request.set_request_id("mine");
  EXPECT_TRUE(client_.CreateProject(request).ok());
  EXPECT_THAT(state_.request_ids, ::testing::ElementsAre("mine"));
}

TEST_F(ClientTest, EachCallHasItsOwnRequestId) {
  v1::CreateProjectRequest request;
  for (const char* id : {"a", "b", "c"}) {
    request.set_project_id(id);
    EXPECT_TRUE(client_.CreateProject(request).ok());
  }
  EXPECT_THAT(std::set<std::string>(state_.request_ids.begin(), state_.request_ids.end()), SizeIs(3));
}

TEST_F(ClientTest, GivesUpAfterTheLastAttempt) {
  state_.faults["GetProject"] = std::deque<grpc::Status>(10, kUnavailable);
  EXPECT_EQ(client_.GetProject({}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(state_.calls["GetProject"], 4);
}

TEST_F(ClientTest, ABusyServerIsAskedAgain) {
  state_.faults["CreateProject"] = {ServerError(grpc::StatusCode::RESOURCE_EXHAUSTED, "SERVER_BUSY", "too many wait")};
  v1::CreateProjectRequest request;
  request.set_project_id("p");
  EXPECT_TRUE(client_.CreateProject(request).ok());
  state_.faults["GetProject"] = {ServerError(grpc::StatusCode::RESOURCE_EXHAUSTED, "DISK_FULL", "no space")};
  EXPECT_EQ(client_.GetProject({}).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(ClientTest, OtherErrorsAreNotRetried) {
  state_.faults["GetProject"] = {{grpc::StatusCode::ABORTED, "no"}};
  EXPECT_EQ(client_.GetProject({}).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(state_.calls["GetProject"], 1);
}

TEST_F(ClientTest, TheDeadlineEndsTheCallWithAllItsAttempts) {
  ClientOptions options = Options();
  options.timeout = milliseconds(50);
  options.retry = {1000000, 1000000, milliseconds(1), milliseconds(4)};
  Client hurried(options);
  state_.faults["GetProject"] = std::deque<grpc::Status>(100000, kUnavailable);
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusCode code = hurried.GetProject({}).status().code();
  EXPECT_TRUE(code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(ClientTest, AServerThatHangsMeetsTheDeadline) {
  ClientOptions options = Options();
  options.timeout = milliseconds(50);
  Client hurried(options);
  const std::lock_guard lock(state_.mutex);
  EXPECT_EQ(hurried.GetProject({}).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientTest, ReasonMetadataAndViolationsComeThrough) {
  state_.faults["GetProject"] = {
      ServerError(grpc::StatusCode::INVALID_ARGUMENT, "NAME_INVALID", "is empty", {{"field", "name"}}, "name")};
  const absl::Status status = client_.GetProject({}).status();
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(details.reason, "NAME_INVALID");
  EXPECT_EQ(details.domain, "greffe");
  EXPECT_EQ(details.metadata.at("field"), "name");
  ASSERT_THAT(details.field_violations, SizeIs(1));
  EXPECT_EQ(details.field_violations[0].field, "name");
}

TEST_F(ClientTest, DeletingAnUploadTwiceBecauseOfALostAnswerSucceeds) {
  v1::CreateUploadRequest request;
  request.set_parent("projects/p");
  request.set_size(3);
  const auto upload = client_.CreateUpload(request);
  ASSERT_TRUE(upload.ok());
  state_.faults_after["DeleteUpload"] = {kUnavailable};
  v1::DeleteUploadRequest remove;
  remove.set_name(upload->name());
  EXPECT_TRUE(client_.DeleteUpload(remove).ok());
  EXPECT_EQ(state_.calls["DeleteUpload"], 2);
}

TEST_F(ClientTest, DeletingAWebhookTwiceBecauseOfALostAnswerSucceeds) {
  state_.webhooks = {"webhooks/w1"};
  state_.faults_after["DeleteWebhook"] = {kUnavailable};
  v1::DeleteWebhookRequest remove;
  remove.set_name("webhooks/w1");
  EXPECT_TRUE(client_.DeleteWebhook(remove).ok());
  EXPECT_EQ(state_.calls["DeleteWebhook"], 2);
  EXPECT_EQ(ReasonOf(client_.DeleteWebhook(remove)), "WEBHOOK_NOT_FOUND") << "it was not there at the first attempt";
}

TEST_F(ClientTest, RetryingDeadLettersTwiceBecauseOfALostAnswerSucceeds) {
  v1::RetryDeadLettersRequest retry;
  retry.set_parent("webhooks/w1");
  for (const char* name : {"webhooks/w1/deliveries/12", "webhooks/w1/deliveries/13"}) {
    state_.dead_letters.insert(name);
    retry.add_names(name);
  }
  state_.faults_after["RetryDeadLetters"] = {kUnavailable};
  const auto retried = client_.RetryDeadLetters(retry);
  ASSERT_TRUE(retried.ok()) << retried.status();
  EXPECT_EQ(retried->retried_count(), 2);
  EXPECT_EQ(state_.calls["RetryDeadLetters"], 2);
  EXPECT_EQ(ReasonOf(client_.RetryDeadLetters(retry).status()), "DELIVERY_NOT_FOUND") << "none at the first attempt";
}

TEST_F(ClientTest, ThePrincipalTravelsWithEveryCall) {
  ClientOptions options = Options();
  options.principal_id = "ann";
  Client client(options);
  EXPECT_TRUE(client.GetServerStatus({}).ok());
  EXPECT_THAT(state_.principals, ::testing::ElementsAre("ann"));
}

TEST(ClientWithoutServerTest, IsUnavailable) {
  ClientOptions options;
  options.server = "127.0.0.1:1";
  options.retry = {2, 2, milliseconds(1), milliseconds(2)};
  Client client(options);
  EXPECT_EQ(client.GetServerStatus({}).status().code(), absl::StatusCode::kUnavailable);
}

TEST(ProxyTest, TheServerIsCalledPastTheProxiesOfTheEnvironment) {
  FakeServer server;
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("grpc_proxy", "http://127.0.0.1:1", 1);
  ClientOptions options;
  options.server = server.address();
  options.timeout = std::chrono::milliseconds(5000);
  Client client(options);
  const auto status = client.GetServerStatus({});
  ::unsetenv("http_proxy");
  ::unsetenv("grpc_proxy");
  EXPECT_TRUE(status.ok()) << status.status();
}

}  // namespace
}  // namespace greffe::client
