// All projects side by side.
#pragma once

#include "absl/status/status.h"
#include "greffe/v1/reports.pb.h"
#include "services/call/runtime.h"

namespace greffe {

absl::Status ListPortfolio(const Runtime& runtime, const v1::ListPortfolioRequest& request,
                           v1::ListPortfolioResponse* response);

}  // namespace greffe
