// What milestones wait for.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/milestones.pb.h"
#include "storage/index/project_view.h"
#include "storage/store/transaction.h"

namespace greffe {

// The gates of a milestone that is about to be put. NOT_FOUND for one that does not exist; FAILED_PRECONDITION
// (GATE_CYCLE, DATES_OUT_OF_ORDER, TOO_MANY_GATES).
absl::Status CheckGates(Transaction& transaction, const v1::Milestone& milestone);

// Ids of the milestones that a milestone gates, as the view has them. An act can only look records up by id, so this is
// asked before it.
absl::StatusOr<std::vector<std::string>> ListGated(const ProjectView& view, const std::string& id);

// That no open one of `gated` (see ListGated), as it is in the act, is planned before the milestone, which gates it.
// FAILED_PRECONDITION (DATES_OUT_OF_ORDER). One that came to wait for it after the view was opened is not looked at.
absl::Status CheckGated(Transaction& transaction, const v1::Milestone& milestone,
                        const std::vector<std::string>& gated);

// FAILED_PRECONDITION (GATES_OPEN), whose metadata `gates` names those deliverables that are not accepted, and those
// milestones that are not achieved.
absl::Status CheckGatesPassed(Transaction& transaction, const v1::Milestone& milestone);

}  // namespace greffe
