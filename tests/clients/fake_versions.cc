// The fake's versions.
#include <chrono>
#include <condition_variable>

#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

class FakeVersions : public v1::Versions::Service {
 public:
  explicit FakeVersions(FakeState& state) : state_(state) {}

  grpc::Status ListVersions(grpc::ServerContext* context, const v1::ListVersionsRequest* request,
                            v1::ListVersionsResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "ListVersions");
    if (!begun.ok()) return begun;
    const auto& versions = state_.documents[request->parent()].versions;
    for (auto it = versions.rbegin(); it != versions.rend(); ++it) *response->add_versions() = *it;
    response->set_total_size(static_cast<std::int64_t>(versions.size()));
    return grpc::Status::OK;
  }

  grpc::Status GetVersion(grpc::ServerContext* context, const v1::GetVersionRequest* request,
                          v1::Version* response) override {
    std::unique_lock lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "GetVersion");
    if (!begun.ok()) return begun;
    asked_.notify_all();
    const auto together = [this] { return state_.calls["GetVersion"] >= state_.versions_at_once; };
    if (!asked_.wait_for(lock, std::chrono::seconds(20), together)) {
      return ServerError(grpc::StatusCode::INTERNAL, "ALONE", "no other version is asked for at the same time");
    }
    return Find(request->name(), *response);
  }

  grpc::Status CompareVersions(grpc::ServerContext* context, const v1::CompareVersionsRequest* request,
                               v1::CompareVersionsResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "CompareVersions");
    if (!begun.ok()) return begun;
    const grpc::Status base = Find(request->base(), *response->mutable_base());
    if (!base.ok()) return base;
    const grpc::Status target = Find(request->target(), *response->mutable_target());
    if (!target.ok()) return target;
    for (const char* field : {"comment", "commit"}) {
      v1::FieldDifference* const difference = response->add_fields();
      difference->set_field(field);
      difference->set_base_value("before");
      difference->set_target_value("after");
    }
    response->set_unified_diff("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n");
    response->set_lines_added(1);
    response->set_lines_removed(1);
    return grpc::Status::OK;
  }

 private:
  grpc::Status Find(const std::string& name, v1::Version& version) {
    for (const auto& [document, stored] : state_.documents) {
      for (const v1::Version& candidate : stored.versions) {
        if (candidate.name() != name) continue;
        version = candidate;
        return grpc::Status::OK;
      }
    }
    return ServerError(grpc::StatusCode::NOT_FOUND, "VERSION_NOT_FOUND", "no \"" + name + "\"");
  }

  FakeState& state_;
  std::condition_variable asked_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewFakeVersions(FakeState& state) { return std::make_unique<FakeVersions>(state); }

}  // namespace greffe::client
