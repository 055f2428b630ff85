// What may be done to deliverables until they are submitted, and after they are accepted, as acts on a transaction; see
// deliverables.proto.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/deliverables.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

absl::Status CreateDeliverable(Transaction& transaction, v1::Deliverable deliverable, const std::string& chosen_id);
absl::Status UpdateDeliverable(Transaction& transaction, const v1::Deliverable& values, const std::string& id,
                               const std::vector<std::string>& paths);
absl::Status PlanDeliverable(Transaction& transaction, const std::string& id, const std::string& date,
                             const std::string& reason);
absl::Status ForecastDeliverable(Transaction& transaction, const std::string& id, const std::string& date,
                                 const std::string& reason);
absl::Status StartDeliverable(Transaction& transaction, const std::string& id);
absl::Status ArchiveDeliverable(Transaction& transaction, const std::string& id, const std::string& comment);

}  // namespace greffe
