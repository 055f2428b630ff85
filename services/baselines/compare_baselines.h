// What differs between two baselines, or between one and now.
#pragma once

#include "absl/status/status.h"
#include "greffe/v1/baselines.pb.h"
#include "services/call/runtime.h"

namespace greffe {

absl::Status CompareBaselines(const Runtime& runtime, const v1::CompareBaselinesRequest& request,
                              v1::CompareBaselinesResponse& response);

// Of every kind of record, by the changes between the two moments and what the records were at each.
absl::Status CompareBaselineRecords(const Runtime& runtime, const v1::CompareBaselineRecordsRequest& request,
                                    v1::CompareBaselineRecordsResponse& response);

}  // namespace greffe
