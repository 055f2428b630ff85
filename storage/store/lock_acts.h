// Checking documents out, as acts on a transaction: see locks.proto.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/transaction.h"

namespace greffe {

inline constexpr std::int64_t kDefaultLockSeconds = 8 * 3600;
inline constexpr std::int64_t kMaxLockSeconds = std::int64_t{30} * 24 * 3600;

// Each answers with the lock as it is afterwards. What `request` did before, as long as no other one came after it at
// that document, is answered again; when it asked for something else then, the store refuses it before the act.
absl::StatusOr<v1::Lock> LockDocument(Transaction& transaction, const std::string& number, const std::string& reason,
                                      std::int64_t seconds, const RequestMark& request);
absl::StatusOr<v1::Lock> UnlockDocument(Transaction& transaction, const std::string& number,
                                        const RequestMark& request);
// A commit, whose trailer knows the request.
absl::StatusOr<v1::Lock> ForceUnlockDocument(Transaction& transaction, const std::string& number,
                                             const std::string& reason, const std::string& request_id);

// Nothing when the caller has none.
void ReleaseOwnLock(Transaction& transaction, const std::string& number);

}  // namespace greffe
