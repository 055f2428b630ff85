// What is not kept any more.
#pragma once

#include "absl/status/status.h"
#include "storage/store/store.h"

namespace greffe {

// Takes away notifications, dead letters, and marks of what time brought that are older than the limits. What is still
// open by the same date keeps its mark: it would be told again.
absl::Status RemoveOldNotices(const Store& store);

}  // namespace greffe
