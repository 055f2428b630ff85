// Of three services what the fake answers with one text.
#include "greffe/v1/notifications.grpc.pb.h"
#include "greffe/v1/reports.grpc.pb.h"
#include "greffe/v1/reviews.grpc.pb.h"
#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

class FakeDigests : public v1::Notifications::Service {
 public:
  explicit FakeDigests(FakeState& state) : state_(state) {}
  grpc::Status GetDigest(grpc::ServerContext*, const v1::GetDigestRequest*, v1::Digest* response) override {
    const std::lock_guard lock(state_.mutex);
    response->set_text(state_.text);
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

class FakeReports : public v1::Reports::Service {
 public:
  explicit FakeReports(FakeState& state) : state_(state) {}
  grpc::Status GetProgressReport(grpc::ServerContext*, const v1::GetProgressReportRequest*,
                                 v1::ProgressReport* response) override {
    const std::lock_guard lock(state_.mutex);
    response->set_markdown(state_.text);
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

class FakeStatements : public v1::Reviews::Service {
 public:
  explicit FakeStatements(FakeState& state) : state_(state) {}
  grpc::Status GetReviewStatement(grpc::ServerContext*, const v1::GetReviewStatementRequest*,
                                  v1::ReviewStatement* response) override {
    const std::lock_guard lock(state_.mutex);
    response->set_text(state_.text);
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> NewFakeTexts(FakeState& state) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<FakeDigests>(state));
  services.push_back(std::make_unique<FakeReports>(state));
  services.push_back(std::make_unique<FakeStatements>(state));
  return services;
}

}  // namespace greffe::client
