// Contents.BatchFetchContents: many files in one answer.
#pragma once

#include "absl/status/status.h"
#include "greffe/v1/contents.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Reads from disk. What a message does not hold is left out: contents first, then all of a file but what names it.
absl::Status BatchFetch(const Runtime& runtime, const v1::BatchFetchContentsRequest& request,
                        v1::BatchFetchContentsResponse& response);

}  // namespace greffe
