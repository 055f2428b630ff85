// Of three services what the fake answers with one text, and the review that a text is about.
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

// Of a review: what there is to sign, in a namespace that is none of its own.
class FakeReviews : public v1::Reviews::Service {
 public:
  explicit FakeReviews(FakeState& state) : state_(state) {}
  grpc::Status GetReviewStatement(grpc::ServerContext*, const v1::GetReviewStatementRequest*,
                                  v1::ReviewStatement* response) override {
    const std::lock_guard lock(state_.mutex);
    response->set_text(state_.text);
    response->set_namespace_("git");
    response->set_step(state_.statement_step);
    return grpc::Status::OK;
  }
  grpc::Status GetReview(grpc::ServerContext*, const v1::GetReviewRequest*, v1::Review* response) override {
    const std::lock_guard lock(state_.mutex);
    *response = state_.review;
    return grpc::Status::OK;
  }
  grpc::Status SubmitDecision(grpc::ServerContext* context, const v1::SubmitDecisionRequest* request,
                              v1::Review* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "SubmitDecision", request->request_id());
    *response = state_.review;
    return begun;
  }

 private:
  FakeState& state_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> NewFakeTexts(FakeState& state) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<FakeDigests>(state));
  services.push_back(std::make_unique<FakeReports>(state));
  services.push_back(std::make_unique<FakeReviews>(state));
  return services;
}

}  // namespace greffe::client
