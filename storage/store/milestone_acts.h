// What may be done to milestones, as acts on a transaction; see milestones.proto.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

absl::Status CreateMilestone(Transaction& transaction, v1::Milestone milestone, const std::string& chosen_id);
absl::Status UpdateMilestone(Transaction& transaction, const v1::Milestone& values, const std::string& id,
                             const std::vector<std::string>& paths);
absl::Status PlanMilestone(Transaction& transaction, const std::string& id, const std::string& date,
                           const std::string& reason);
absl::Status ForecastMilestone(Transaction& transaction, const std::string& id, const std::string& date,
                               const std::string& reason);
absl::Status AchieveMilestone(Transaction& transaction, const std::string& id, const std::string& date,
                              const std::string& comment);
absl::Status MissMilestone(Transaction& transaction, const std::string& id, const std::string& comment);
absl::Status CancelMilestone(Transaction& transaction, const std::string& id, const std::string& comment);

// For a deliverable that comes to name its milestone: that one waits for it. NOT_FOUND; FAILED_PRECONDITION
// (MILESTONE_CLOSED, TOO_MANY_GATES).
absl::Status AddGate(Transaction& transaction, const v1::Deliverable& deliverable);
// For a deliverable that leaves its milestone: that one, when it is open, waits for it no more.
absl::Status RemoveGate(Transaction& transaction, const v1::Deliverable& deliverable);
// FAILED_PRECONDITION (DATES_OUT_OF_ORDER) when the deliverable is planned later than its milestone.
absl::Status CheckPlannedBeforeMilestone(Transaction& transaction, const v1::Deliverable& deliverable);

}  // namespace greffe
