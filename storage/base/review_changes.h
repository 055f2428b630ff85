// What may be changed of a review while it is open. Functions of the messages alone.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "greffe/v1/reviews.pb.h"

namespace greffe {

// Changes a step of an open review as asked, and answers what the review keeps of it, but for who, when and why.
// `today`: the day in the project's time zone. The steps are not moved on: Advance does that. FAILED_PRECONDITION and
// INVALID_ARGUMENT as Reviews.ChangeReviewStep says, for what the review alone decides.
absl::StatusOr<v1::ReviewStepChange> ChangeStep(v1::Review& review, const v1::ChangeReviewStepRequest& request,
                                                const std::string& today);

}  // namespace greffe
