// What may be done to actions, as acts on a transaction; see actions.proto.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/actions.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

// Puts a new action, open, and gives it as it was put. Its source, when it has one, must exist: INVALID_ARGUMENT naming
// `field`, NOT_FOUND.
absl::StatusOr<v1::Action> AddAction(Transaction& transaction, v1::Action action, const std::string& field);

absl::Status CreateAction(Transaction& transaction, v1::Action action);
absl::Status UpdateAction(Transaction& transaction, const v1::Action& values, const std::string& id,
                          const std::vector<std::string>& paths);
absl::Status StartAction(Transaction& transaction, const std::string& id);
absl::Status CompleteAction(Transaction& transaction, const std::string& id, const std::string& comment);
absl::Status CancelAction(Transaction& transaction, const std::string& id, const std::string& comment);

}  // namespace greffe
