// Submission, acceptance and rejection of deliverables, as acts on a transaction; see deliverables.proto.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "greffe/v1/deliverables.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

// `id` is that of the deliverable that the request names.
absl::Status SubmitDeliverable(Transaction& transaction, const std::string& id,
                               const v1::SubmitDeliverableRequest& request);
absl::Status AcceptDeliverable(Transaction& transaction, const std::string& id,
                               const v1::AcceptDeliverableRequest& request);
absl::Status RejectDeliverable(Transaction& transaction, const std::string& id,
                               const v1::RejectDeliverableRequest& request);

}  // namespace greffe
