// How a review goes: what a new one must be, whose decision is awaited, and what the decisions make of it. Functions of
// the messages alone.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "greffe/v1/review.pb.h"
#include "greffe/v1/versions.pb.h"

namespace greffe {

inline constexpr char kReviewNamespace[] = "greffe-review";  // of signatures
inline constexpr char kReviewPrefix[] = "RVW";               // of ids

// Fills the output-only fields that the record alone gives; see RecordKind::compute.
void CompleteReview(google::protobuf::Message& review);

// Makes an open review of what a caller gave: all that the server sets is set or cleared. `today`: the day in the
// project's time zone. INVALID_ARGUMENT (QUORUM_TOO_LARGE, REVIEWER_REPEATED, DUE_DATE_PAST, DUE_DATES_OUT_OF_ORDER,
// ...) naming the field below `field`.
absl::Status PrepareReview(v1::Review& review, const std::string& today, const std::string& field);

// `count` reviewers, of `least` to 50. INVALID_ARGUMENT naming `field`.
absl::Status CheckReviewerCount(int count, int least, const std::string& field);

// INVALID_ARGUMENT (QUORUM_TOO_LARGE, ...) naming `field`.
absl::Status CheckQuorum(const v1::ReviewStep& step, const std::string& field);

// The due date of a step (from 0 on) by itself, and after those of the steps before. INVALID_ARGUMENT (DUE_DATE_PAST,
// DUE_DATES_OUT_OF_ORDER, ...) naming `field`.
absl::Status CheckDueDate(const v1::Review& review, int step, const std::string& today, const std::string& field);

// FAILED_PRECONDITION (STEP_NOT_OPEN, DECIDED_ALREADY); steps from 1 on.
absl::Status StepNotOpen(const v1::Review& review, int step);
absl::Status DecidedAlready(const v1::Review& review, int step, const v1::Reviewer& reviewer);

// FAILED_PRECONDITION (REVIEW_NOT_OPEN) naming the state.
absl::Status CheckReviewOpen(const v1::Review& review);

// A reviewer's place in a review; both from 0 on.
struct Seat {
  int step = 0;
  int reviewer = 0;
};
// The first place, in step `step` or in any (0), in which `principal` has not decided and may: the step is open or,
// with `ahead`, will be. FAILED_PRECONDITION (DECIDED_ALREADY, STEP_NOT_OPEN), PERMISSION_DENIED (NOT_A_REVIEWER),
// INVALID_ARGUMENT for a step that there is not.
absl::StatusOr<Seat> FindSeat(const v1::Review& review, const std::string& principal, int step, bool ahead = false);

// OK when the review has a step of that number, from 1 on.
absl::Status CheckStep(const v1::Review& review, int step);

// INVALID_ARGUMENT for one that is none.
absl::Status CheckOutcome(v1::ReviewOutcome outcome);

// What a decision needs beside its signature. INVALID_ARGUMENT (COMMENT_REQUIRED, ...).
absl::Status ValidateDecision(v1::ReviewOutcome outcome, const std::string& comment, int comment_count);

// Checks a comment on `version` in a review of `count` comments so far, and fills its anchor in. INVALID_ARGUMENT
// (ANCHOR_INVALID, ...) naming the field below `field`.
absl::Status PrepareComment(v1::ReviewComment& comment, const v1::Version& version, int count,
                            const std::string& field);

// Moves the steps on after a decision. Answers with the state that the review has to end in, or OPEN when more
// decisions are awaited.
v1::ReviewState Advance(v1::Review& review);

// Ends an open review.
void EndReview(v1::Review& review, v1::ReviewState state, const std::string& principal,
               const google::protobuf::Timestamp& time, const std::string& reason);

// See ReviewStatement.text. `step`: from 1 on.
std::string ReviewStatementText(const v1::Review& review, int step, const std::string& reviewer,
                                v1::ReviewOutcome outcome);

// Whether it is one of the two that approve.
bool Approves(v1::ReviewOutcome outcome);

}  // namespace greffe
