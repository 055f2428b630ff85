// Checking documents out, as acts on a transaction: see locks.proto.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/transaction.h"

namespace greffe {

inline constexpr std::int64_t kDefaultLockSeconds = 8 * 3600;
inline constexpr std::int64_t kMaxLockSeconds = std::int64_t{30} * 24 * 3600;

// Each answers (WriteResult::lock) with the lock as it is afterwards. `request_id`, which may be empty, is on record in
// it.
absl::Status LockDocument(Transaction& transaction, const std::string& number, const std::string& reason,
                          std::int64_t seconds, const std::string& request_id);
absl::Status UnlockDocument(Transaction& transaction, const std::string& number, const std::string& request_id);
// A commit.
absl::Status ForceUnlockDocument(Transaction& transaction, const std::string& number, const std::string& reason,
                                 const std::string& request_id);

// Nothing when the caller has none.
void ReleaseOwnLock(Transaction& transaction, const std::string& number);

}  // namespace greffe
