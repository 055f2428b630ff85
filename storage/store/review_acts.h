// Reviews, as acts on a transaction: see reviews.proto.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/reviews.pb.h"
#include "storage/base/ssh_signature.h"
#include "storage/store/transaction.h"

namespace greffe {

// Opens a review with the next id. `review` is what the caller gave.
absl::Status OpenReview(Transaction& transaction, v1::Review review);

struct DecisionAct {
  int step = 0;  // from 1 on; 0: the first one that awaits the caller's decision
  v1::ReviewOutcome outcome = v1::REVIEW_OUTCOME_UNSPECIFIED;
  std::string comment;
  std::vector<v1::ReviewComment> comments;
  std::optional<SshSignature> signature;
};
// Records the caller's decision, and ends the review when it is the last one that was missing.
absl::Status SubmitDecision(Transaction& transaction, const std::string& id, DecisionAct act);

absl::Status AddReviewComment(Transaction& transaction, const std::string& id, v1::ReviewComment comment);

struct DelegationAct {
  std::string reviewer;  // empty: the caller
  std::string delegate;
  int step = 0;
  std::string comment;
};
absl::Status DelegateReview(Transaction& transaction, const std::string& id, const DelegationAct& act);

absl::Status ChangeReviewStep(Transaction& transaction, const std::string& id,
                              const v1::ChangeReviewStepRequest& request);

absl::Status AbortReview(Transaction& transaction, const std::string& id, const std::string& reason);

// Voids the open review of the document's latest version, which becomes a draft again in `document`; the caller puts
// that. Does nothing where no review is open.
absl::Status VoidOpenReview(Transaction& transaction, v1::Document& document, const std::string& reason);

}  // namespace greffe
