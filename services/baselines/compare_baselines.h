// What differs between two baselines, or between one and now.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "greffe/v1/baselines.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// CANCELLED when `gone` says between two looks that nobody waits for the answer.
absl::Status CompareBaselines(const Runtime& runtime, const v1::CompareBaselinesRequest& request,
                              const std::function<bool()>& gone, v1::CompareBaselinesResponse& response);

// Of every kind of record, by the changes between the two moments and what the records were at each. `gone` as above.
absl::Status CompareBaselineRecords(const Runtime& runtime, const v1::CompareBaselineRecordsRequest& request,
                                    const std::function<bool()>& gone, v1::CompareBaselineRecordsResponse& response);

}  // namespace greffe
