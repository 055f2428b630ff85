// What links tell: impact, coverage, orphans, anchors.
#pragma once

#include "absl/status/status.h"
#include "greffe/v1/trace.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Each answers the RPC of that name.
absl::Status AnswerImpact(const Runtime& runtime, const v1::GetImpactRequest& request, v1::GetImpactResponse& response);
absl::Status AnswerCoverage(const Runtime& runtime, const v1::GetCoverageMatrixRequest& request,
                            v1::GetCoverageMatrixResponse& response);
absl::Status AnswerOrphans(const Runtime& runtime, const v1::ListOrphansRequest& request,
                           v1::ListOrphansResponse& response);
absl::Status AnswerAnchors(const Runtime& runtime, const v1::ListAnchorsRequest& request,
                           v1::ListAnchorsResponse& response);

}  // namespace greffe
