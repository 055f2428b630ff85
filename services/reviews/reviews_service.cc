#include "services/reviews/reviews_service.h"

#include <utility>

#include "services/call/due.h"
#include "services/call/records.h"
#include "storage/base/review_rules.h"
#include "storage/store/review_acts.h"

namespace greffe {
namespace {

// All that the request asks for on that day.
absl::StatusOr<RecordFilter> FilterOf(const v1::ListReviewsRequest& request, const std::string& day) {
  GREFFE_ASSIGN_OR_RETURN(RecordFilter filter, ParseRecordFilter(request.filter(), *v1::Review::descriptor()));
  if (!request.reviewer().empty()) {
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(request.reviewer(), "reviewer"));
    AddComparison(filter, "pending_reviewers", FilterOperator::kEqual, request.reviewer());
  }
  if (request.overdue()) AddDue(filter, true, -1, day);
  return filter;
}

// What a list shows of a review: bounded, whatever was said in it.
v1::Review Summary(v1::Review review) {
  review.clear_comments();
  review.clear_changes();
  for (v1::ReviewStep& step : *review.mutable_steps()) {
    for (v1::Reviewer& reviewer : *step.mutable_reviewers()) {
      if (!reviewer.has_decision()) continue;
      reviewer.mutable_decision()->clear_comment();
      reviewer.mutable_decision()->clear_signature();
      reviewer.mutable_decision()->clear_signing_key();
    }
  }
  return review;
}

absl::StatusOr<WriteRequest> NewReview(const grpc::CallbackServerContext& context,
                                       const v1::CreateReviewRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(project), request));
  write.act = [review = request.review()](Transaction& transaction) { return OpenReview(transaction, review); };
  return write;
}

absl::StatusOr<WriteRequest> NewDecision(const grpc::CallbackServerContext& context,
                                         const v1::SubmitDecisionRequest& request) {
  DecisionAct act;
  act.step = request.step();
  act.outcome = request.outcome();
  act.comment = request.comment();
  act.comments.assign(request.comments().begin(), request.comments().end());
  GREFFE_RETURN_IF_ERROR(ValidateDecision(act.outcome, act.comment, request.comments_size()));
  if (!request.signature().empty()) {
    GREFFE_ASSIGN_OR_RETURN(act.signature, ParseSshSignature(request.signature(), "signature"));
  }
  return WriteAboutRecord<v1::Review>(context, request, request.name(), "name",
                                      [act = std::move(act)](Transaction& transaction, const std::string& id) {
                                        return SubmitDecision(transaction, id, act);
                                      });
}

absl::StatusOr<WriteRequest> NewDelegation(const grpc::CallbackServerContext& context,
                                           const v1::DelegateReviewRequest& request) {
  GREFFE_RETURN_IF_ERROR(ValidateText(request.comment(), "comment", 0, kMaxComment, true));
  const DelegationAct act{request.reviewer(), request.delegate(), request.step(), request.comment()};
  return WriteAboutRecord<v1::Review>(
      context, request, request.name(), "name",
      [act](Transaction& transaction, const std::string& id) { return greffe::DelegateReview(transaction, id, act); });
}

absl::StatusOr<WriteRequest> NewStepChange(const grpc::CallbackServerContext& context,
                                           const v1::ChangeReviewStepRequest& request) {
  GREFFE_RETURN_IF_ERROR(ValidateText(request.reason(), "reason", 1, kMaxComment, true));
  return WriteAboutRecord<v1::Review>(context, request, request.name(), "name",
                                      [request](Transaction& transaction, const std::string& id) {
                                        return greffe::ChangeReviewStep(transaction, id, request);
                                      });
}

absl::StatusOr<WriteRequest> NewAbortion(const grpc::CallbackServerContext& context,
                                         const v1::AbortReviewRequest& request) {
  GREFFE_RETURN_IF_ERROR(ValidateText(request.reason(), "reason", 1, kMaxComment, true));
  return WriteAboutRecord<v1::Review>(context, request, request.name(), "name",
                                      [reason = request.reason()](Transaction& transaction, const std::string& id) {
                                        return greffe::AbortReview(transaction, id, reason);
                                      });
}

absl::Status AnswerStatement(const Runtime& runtime, const grpc::CallbackServerContext& context,
                             const v1::GetReviewStatementRequest& request, v1::ReviewStatement* response) {
  GREFFE_RETURN_IF_ERROR(CheckOutcome(request.outcome()));
  v1::Review review;
  GREFFE_RETURN_IF_ERROR(AnswerRecord(runtime, request, &review));
  std::string reviewer = request.reviewer();
  if (reviewer.empty()) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Principal caller, CallerOf(context));
    reviewer = caller.id();
  }
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(reviewer, "reviewer"));
  int step = request.step();
  if (step == 0) {
    GREFFE_ASSIGN_OR_RETURN(const Seat seat, FindSeat(review, reviewer, 0));
    step = seat.step + 1;
  }
  GREFFE_RETURN_IF_ERROR(CheckStep(review, step));
  response->set_text(ReviewStatementText(review, step, reviewer, request.outcome()));
  response->set_namespace_(kReviewNamespace);
  response->set_step(step);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* ReviewsService::CreateReview(grpc::CallbackServerContext* context,
                                                       const v1::CreateReviewRequest* request, v1::Review* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Reviews.CreateReview", NewReview(*context, *request), "", response);
}

grpc::ServerUnaryReactor* ReviewsService::GetReview(grpc::CallbackServerContext* context,
                                                    const v1::GetReviewRequest* request, v1::Review* response) {
  return AnswerNow(context, "Reviews.GetReview", [&] { return AnswerRecord(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* ReviewsService::ListReviews(grpc::CallbackServerContext* context,
                                                      const v1::ListReviewsRequest* request,
                                                      v1::ListReviewsResponse* response) {
  return AnswerFromPool(runtime_, context, "Reviews.ListReviews", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
    DatedPage page;
    if (request->overdue()) {
      GREFFE_ASSIGN_OR_RETURN(page, DatedPageOf(runtime_, project, *request));
    } else {
      GREFFE_ASSIGN_OR_RETURN(page.asked, AskPage(runtime_, *request));
    }
    GREFFE_ASSIGN_OR_RETURN(const RecordFilter filter, FilterOf(*request, page.day));
    return AnswerPageFrom(runtime_, KindOf<v1::Review>(), project, *request, page.asked, DayMark(page.day), filter,
                          request->order_by(), response, [response](google::protobuf::Message& record) {
                            *response->add_reviews() = Summary(std::move(static_cast<v1::Review&>(record)));
                          });
  });
}

grpc::ServerUnaryReactor* ReviewsService::GetReviewStatement(grpc::CallbackServerContext* context,
                                                             const v1::GetReviewStatementRequest* request,
                                                             v1::ReviewStatement* response) {
  return AnswerNow(context, "Reviews.GetReviewStatement",
                   [&] { return AnswerStatement(runtime_, *context, *request, response); });
}

grpc::ServerUnaryReactor* ReviewsService::SubmitDecision(grpc::CallbackServerContext* context,
                                                         const v1::SubmitDecisionRequest* request,
                                                         v1::Review* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Reviews.SubmitDecision", NewDecision(*context, *request),
                                request->name(), response);
}

grpc::ServerUnaryReactor* ReviewsService::AddReviewComment(grpc::CallbackServerContext* context,
                                                           const v1::AddReviewCommentRequest* request,
                                                           v1::Review* response) {
  auto write =
      WriteAboutRecord<v1::Review>(*context, *request, request->name(), "name",
                                   [comment = request->comment()](Transaction& transaction, const std::string& id) {
                                     return greffe::AddReviewComment(transaction, id, comment);
                                   });
  return AnswerAfterRecordWrite(runtime_, context, "Reviews.AddReviewComment", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* ReviewsService::DelegateReview(grpc::CallbackServerContext* context,
                                                         const v1::DelegateReviewRequest* request,
                                                         v1::Review* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Reviews.DelegateReview", NewDelegation(*context, *request),
                                request->name(), response);
}

grpc::ServerUnaryReactor* ReviewsService::ChangeReviewStep(grpc::CallbackServerContext* context,
                                                           const v1::ChangeReviewStepRequest* request,
                                                           v1::Review* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Reviews.ChangeReviewStep", NewStepChange(*context, *request),
                                request->name(), response);
}

grpc::ServerUnaryReactor* ReviewsService::AbortReview(grpc::CallbackServerContext* context,
                                                      const v1::AbortReviewRequest* request, v1::Review* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Reviews.AbortReview", NewAbortion(*context, *request),
                                request->name(), response);
}

}  // namespace greffe
