// What milestones wait for.
#pragma once

#include "absl/status/status.h"
#include "greffe/v1/milestones.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

// The gates of a milestone that is about to be put. NOT_FOUND for one that does not exist; FAILED_PRECONDITION
// (GATE_CYCLE, TOO_MANY_GATES; DATES_OUT_OF_ORDER for one that has not passed).
absl::Status CheckGates(Transaction& transaction, const v1::Milestone& milestone);

// That no open deliverable which is due at it, gate or not, is planned later. FAILED_PRECONDITION (DATES_OUT_OF_ORDER).
absl::Status CheckDue(Transaction& transaction, const v1::Milestone& milestone);

// That no open milestone which waits for this one is planned before it. FAILED_PRECONDITION (DATES_OUT_OF_ORDER).
absl::Status CheckGated(Transaction& transaction, const v1::Milestone& milestone);

// FAILED_PRECONDITION (GATES_OPEN), whose metadata `gates` names those deliverables that are not accepted, and those
// milestones that are not achieved.
absl::Status CheckGatesPassed(Transaction& transaction, const v1::Milestone& milestone);

}  // namespace greffe
