// What comes of meetings: decisions and actions from their minutes, and actions that the next one carries over.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "greffe/v1/meetings.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

// Fills the new meeting's `carried_actions` from the meeting before it. INVALID_ARGUMENT, NOT_FOUND.
absl::Status CarryActionsOver(Transaction& transaction, v1::Meeting& meeting, const std::string& field);

// Puts the decisions and actions of items that have become none yet, and names them there. INVALID_ARGUMENT for an item
// that names a record which is not of this meeting's minutes.
absl::Status RecordMinutes(Transaction& transaction, const v1::Meeting& before, v1::Meeting& meeting,
                           const std::string& field);

}  // namespace greffe
