// A server in this process, with stubs to call it.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "greffe/v1/admin.grpc.pb.h"
#include "greffe/v1/baselines.grpc.pb.h"
#include "greffe/v1/changes.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/deliverables.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/imports.grpc.pb.h"
#include "greffe/v1/locks.grpc.pb.h"
#include "greffe/v1/milestones.grpc.pb.h"
#include "greffe/v1/notifications.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/registers.grpc.pb.h"
#include "greffe/v1/reports.grpc.pb.h"
#include "greffe/v1/reviews.grpc.pb.h"
#include "greffe/v1/tables.grpc.pb.h"
#include "greffe/v1/templates.grpc.pb.h"
#include "greffe/v1/trace.grpc.pb.h"
#include "greffe/v1/transmittals.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"
#include "greffe/v1/webhooks.grpc.pb.h"
#include "services/server/server.h"
#include "storage/base/hashing.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {

// Of MakeProject(), and of the first specification in it.
inline constexpr char kProject[] = "projects/apollo";
inline constexpr char kSpecification[] = "projects/apollo/documents/SPC-0001";

class ServiceFixture : public testing::Test {
 protected:
  void SetUp() override { Start(); }
  void TearDown() override { Stop(); }

  void Start() {
    ServerConfig config;
    config.store = store_options_;
    config.data = directory_.path() + "/data";
    config.listen = "127.0.0.1:0";
    config.stop_seconds = 5;
    config.store.directory = config.data;
    config.store.reserve_bytes = 0;
    config.limits = limits_;
    config.notify = notify_;
    config.webhooks = webhook_options_;
    config.store.inbox = inbox_limits_;
    config.store.outbox = outbox_limits_;
    auto server = Server::Start(config, clock_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    waiter_ = std::thread([this] { stopped_ = server_->Wait(); });
    const auto channel = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    projects_ = v1::Projects::NewStub(channel);
    documents_ = v1::Documents::NewStub(channel);
    versions_ = v1::Versions::NewStub(channel);
    contents_ = v1::Contents::NewStub(channel);
    changes_ = v1::Changes::NewStub(channel);
    locks_ = v1::Locks::NewStub(channel);
    reviews_ = v1::Reviews::NewStub(channel);
    deliverables_ = v1::Deliverables::NewStub(channel);
    milestones_ = v1::Milestones::NewStub(channel);
    registers_ = v1::Registers::NewStub(channel);
    reports_ = v1::Reports::NewStub(channel);
    tables_ = v1::Tables::NewStub(channel);
    trace_ = v1::Trace::NewStub(channel);
    baselines_ = v1::Baselines::NewStub(channel);
    transmittals_ = v1::Transmittals::NewStub(channel);
    templates_ = v1::Templates::NewStub(channel);
    notifications_ = v1::Notifications::NewStub(channel);
    webhooks_ = v1::Webhooks::NewStub(channel);
    imports_ = v1::Imports::NewStub(channel);
    admin_ = v1::Admin::NewStub(channel);
  }

  void Stop() {
    if (server_ == nullptr) return;
    server_->RequestStop();
    waiter_.join();
    EXPECT_TRUE(stopped_.ok()) << stopped_;
    server_.reset();
  }

  // One unary call: call(*documents_, &v1::Documents::Stub::GetDocument, request) -> response; `status_` has the rest.
  template <typename Stub, typename Request, typename Response>
  Response Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    if (!principal_.empty()) context.AddMetadata(principal_key_, principal_);
    Response response;
    status_ = (stub.*method)(&context, request, &response);
    return response;
  }

  // Of the last call's error.
  std::string Reason() const { return Info().reason(); }
  std::string Metadata(const std::string& key) const {
    const google::rpc::ErrorInfo info = Info();
    const auto found = info.metadata().find(key);
    return found == info.metadata().end() ? "" : found->second;
  }
  std::string Field() const {
    google::rpc::BadRequest request;
    const google::rpc::Status details = Details();
    for (const auto& detail : details.details()) {
      if (detail.UnpackTo(&request) && request.field_violations_size() > 0) return request.field_violations(0).field();
    }
    return "";
  }

  v1::Project MakeProject(const std::string& id = "apollo") {
    v1::CreateProjectRequest request;
    request.set_project_id(id);
    request.mutable_project()->set_title("Project " + id);
    return Call(*projects_, &v1::Projects::Stub::CreateProject, request);
  }

  // A check-in request for a new document at `path`.
  static v1::CheckInRequest NewAt(const std::string& path, const std::string& text) {
    v1::CheckInRequest request;
    request.set_parent("projects/apollo");
    request.mutable_item()->mutable_new_document()->set_path(path);
    request.mutable_item()->mutable_new_document()->set_type("specification");
    request.mutable_item()->mutable_main_file()->set_data(text);
    return request;
  }
  static v1::CheckInRequest Next(const std::string& number, const std::string& text) {
    v1::CheckInRequest request;
    request.set_parent("projects/apollo");
    request.mutable_item()->set_document("projects/apollo/documents/" + number);
    request.mutable_item()->mutable_main_file()->set_data(text);
    return request;
  }
  v1::CheckInResponse CheckIn(const v1::CheckInRequest& request) {
    return Call(*contents_, &v1::Contents::Stub::CheckIn, request);
  }
  v1::FetchContentResponse Fetch(const std::string& name, const std::string& etag = "") {
    v1::FetchContentRequest request;
    request.set_name(name);
    request.set_if_none_match(etag);
    return Call(*contents_, &v1::Contents::Stub::FetchContent, request);
  }

  const Clock* clock_ = nullptr;  // null: the system's; set before Start
  TemporaryDirectory directory_;
  std::unique_ptr<Server> server_;
  std::thread waiter_;
  absl::Status stopped_;
  std::string principal_;
  std::string principal_key_ = "greffe-principal";
  TellerOptions notify_;
  CourierOptions webhook_options_;
  // Larger buffers take 10 ms to clear at each start.
  StoreOptions store_options_ = [] {
    StoreOptions options;
    options.index_buffer_bytes = 1 << 20;
    return options;
  }();
  InboxLimits inbox_limits_;
  OutboxLimits outbox_limits_;
  CallLimits limits_;
  grpc::Status status_;
  std::unique_ptr<v1::Projects::Stub> projects_;
  std::unique_ptr<v1::Documents::Stub> documents_;
  std::unique_ptr<v1::Versions::Stub> versions_;
  std::unique_ptr<v1::Contents::Stub> contents_;
  std::unique_ptr<v1::Changes::Stub> changes_;
  std::unique_ptr<v1::Locks::Stub> locks_;
  std::unique_ptr<v1::Reviews::Stub> reviews_;
  std::unique_ptr<v1::Deliverables::Stub> deliverables_;
  std::unique_ptr<v1::Milestones::Stub> milestones_;
  std::unique_ptr<v1::Registers::Stub> registers_;
  std::unique_ptr<v1::Reports::Stub> reports_;
  std::unique_ptr<v1::Tables::Stub> tables_;
  std::unique_ptr<v1::Trace::Stub> trace_;
  std::unique_ptr<v1::Baselines::Stub> baselines_;
  std::unique_ptr<v1::Transmittals::Stub> transmittals_;
  std::unique_ptr<v1::Templates::Stub> templates_;
  std::unique_ptr<v1::Notifications::Stub> notifications_;
  std::unique_ptr<v1::Webhooks::Stub> webhooks_;
  std::unique_ptr<v1::Imports::Stub> imports_;
  std::unique_ptr<v1::Admin::Stub> admin_;

 private:
  google::rpc::Status Details() const {
    google::rpc::Status details;
    details.ParseFromString(status_.error_details());
    return details;
  }
  google::rpc::ErrorInfo Info() const {
    google::rpc::ErrorInfo info;
    const google::rpc::Status details = Details();
    for (const auto& detail : details.details()) {
      if (detail.UnpackTo(&info)) break;
    }
    return info;
  }
};

}  // namespace greffe
