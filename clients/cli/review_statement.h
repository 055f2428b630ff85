// What a reviewer signs.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "greffe/v1/reviews.pb.h"

namespace greffe::cli {

// The namespace of reviewers' signatures: one that the key signs nothing else in.
inline constexpr char kReviewNamespace[] = "greffe-review";

// The decision that somebody is about to sign.
struct Decision {
  std::string review;  // its name
  std::string reviewer;
  v1::ReviewOutcome outcome = v1::REVIEW_OUTCOME_UNSPECIFIED;
  int step = 0;  // 0: the server's choice
};

// Whether `statement` says what ReviewStatement.text promises of the decision, and of version and manifest that
// `review` has, and nothing else: who answers at the server's address may be anybody, and a signature can be shown to
// others. DATA_LOSS (STATEMENT_INVALID).
absl::Status CheckStatement(const v1::ReviewStatement& statement, const v1::Review& review, const Decision& decision);

}  // namespace greffe::cli
