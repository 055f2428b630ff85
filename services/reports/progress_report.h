// What changed in a project between two days, told as a text.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "greffe/v1/reports.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Walks the changes of the days that it covers, and reads what they touched before and after. `gone`: whether nobody
// waits for the answer any more.
absl::Status GetProgressReport(const Runtime& runtime, const v1::GetProgressReportRequest& request,
                               const std::function<bool()>& gone, v1::ProgressReport* response);

}  // namespace greffe
