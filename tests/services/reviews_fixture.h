// A project with one document, and people who review it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/services/service_fixture.h"

namespace greffe {

class ReviewsFixture : public ServiceFixture {
 protected:
  static constexpr char kFirst[] = "projects/apollo/reviews/RVW-0001";

  using Steps = std::vector<std::vector<std::string>>;

  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    principal_ = "author";
    CheckIn(NewAt("a.md", "one"));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  static v1::CreateReviewRequest Request(const Steps& steps, const std::string& version = "latest") {
    v1::CreateReviewRequest request;
    request.set_parent(kProject);
    request.mutable_review()->set_version(std::string(kSpecification) + "/versions/" + version);
    for (const std::vector<std::string>& reviewers : steps) {
      v1::ReviewStep& step = *request.mutable_review()->add_steps();
      for (const std::string& principal : reviewers) step.add_reviewers()->set_principal(principal);
    }
    return request;
  }
  v1::Review Create(const v1::CreateReviewRequest& request) {
    principal_ = "pmo";
    return Call(*reviews_, &v1::Reviews::Stub::CreateReview, request);
  }
  v1::Review Open(const Steps& steps) {
    v1::Review review = Create(Request(steps));
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return review;
  }
  static v1::SubmitDecisionRequest DecisionOf(v1::ReviewOutcome outcome, const std::string& comment = "",
                                              const std::string& id = "RVW-0001") {
    v1::SubmitDecisionRequest request;
    request.set_name(std::string(kProject) + "/reviews/" + id);
    request.set_outcome(outcome);
    request.set_comment(comment);
    return request;
  }
  v1::Review Submit(const std::string& principal, const v1::SubmitDecisionRequest& request) {
    principal_ = principal;
    return Call(*reviews_, &v1::Reviews::Stub::SubmitDecision, request);
  }
  v1::Review Approve(const std::string& principal, const std::string& id = "RVW-0001") {
    return Submit(principal, DecisionOf(v1::REVIEW_OUTCOME_APPROVED, "", id));
  }
  v1::Review Get(const std::string& id = "RVW-0001", std::int64_t sequence = 0) {
    v1::GetReviewRequest request;
    request.set_name(std::string(kProject) + "/reviews/" + id);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*reviews_, &v1::Reviews::Stub::GetReview, request);
  }
  v1::Review Abort(const std::string& id = "RVW-0001") {
    v1::AbortReviewRequest request;
    request.set_name(std::string(kProject) + "/reviews/" + id);
    request.set_reason("wrong reviewers");
    return Call(*reviews_, &v1::Reviews::Stub::AbortReview, request);
  }
  v1::Version Version(std::int64_t number = 1) {
    v1::GetVersionRequest request;
    request.set_name(std::string(kSpecification) + "/versions/" + std::to_string(number));
    return Call(*versions_, &v1::Versions::Stub::GetVersion, request);
  }
  v1::Version Release() {
    v1::ReleaseVersionRequest request;
    request.set_name(std::string(kSpecification) + "/versions/latest");
    return Call(*versions_, &v1::Versions::Stub::ReleaseVersion, request);
  }
  v1::ListReviewsRequest ListRequest(const std::string& filter = "") {
    v1::ListReviewsRequest request;
    request.set_parent(kProject);
    request.set_filter(filter);
    return request;
  }
  int Count(const v1::ListReviewsRequest& request) {
    const auto page = Call(*reviews_, &v1::Reviews::Stub::ListReviews, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return page.reviews_size();
  }
  int Awaiting(const std::string& principal) {
    v1::ListReviewsRequest request = ListRequest();
    request.set_reviewer(principal);
    return Count(request);
  }
  std::int64_t Sequence() {
    v1::GetProjectRequest request;
    request.set_name(kProject);
    return Call(*projects_, &v1::Projects::Stub::GetProject, request).sequence();
  }
  void Update(const v1::Project& values, const std::string& path) {
    v1::UpdateProjectRequest update;
    *update.mutable_project() = values;
    update.mutable_project()->set_name(kProject);
    update.mutable_update_mask()->add_paths(path);
    Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  }
  std::string Log() {
    v1::FlushRepositoriesRequest flush;
    flush.set_parent("projects/-");
    Call(*admin_, &v1::Admin::Stub::FlushRepositories, flush);
    return Shell("git -C " + directory_.path() + "/data/repositories/apollo.git log --format=%s main").output;
  }
};

}  // namespace greffe
