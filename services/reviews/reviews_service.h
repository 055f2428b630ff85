// Reviews: see reviews.proto.
#pragma once

#include "greffe/v1/reviews.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

class ReviewsService final : public v1::Reviews::CallbackService {
 public:
  explicit ReviewsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateReview(grpc::CallbackServerContext* context, const v1::CreateReviewRequest* request,
                                         v1::Review* response) override;
  grpc::ServerUnaryReactor* GetReview(grpc::CallbackServerContext* context, const v1::GetReviewRequest* request,
                                      v1::Review* response) override;
  grpc::ServerUnaryReactor* ListReviews(grpc::CallbackServerContext* context, const v1::ListReviewsRequest* request,
                                        v1::ListReviewsResponse* response) override;
  grpc::ServerUnaryReactor* GetReviewStatement(grpc::CallbackServerContext* context,
                                               const v1::GetReviewStatementRequest* request,
                                               v1::ReviewStatement* response) override;
  grpc::ServerUnaryReactor* SubmitDecision(grpc::CallbackServerContext* context,
                                           const v1::SubmitDecisionRequest* request, v1::Review* response) override;
  grpc::ServerUnaryReactor* AddReviewComment(grpc::CallbackServerContext* context,
                                             const v1::AddReviewCommentRequest* request, v1::Review* response) override;
  grpc::ServerUnaryReactor* DelegateReview(grpc::CallbackServerContext* context,
                                           const v1::DelegateReviewRequest* request, v1::Review* response) override;
  grpc::ServerUnaryReactor* ChangeReviewStep(grpc::CallbackServerContext* context,
                                             const v1::ChangeReviewStepRequest* request, v1::Review* response) override;
  grpc::ServerUnaryReactor* AbortReview(grpc::CallbackServerContext* context, const v1::AbortReviewRequest* request,
                                        v1::Review* response) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
