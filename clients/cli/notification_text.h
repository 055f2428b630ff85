// Notifications as people read and name them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "greffe/v1/notifications.pb.h"

namespace greffe::cli {

// The resource without its project: "RVW-0001", of a version "SPC-0001/2".
std::string ResourceText(const v1::Notification& notification);

// "review-assigned" -> its value. INVALID_ARGUMENT (OPTION_INVALID) naming all there are.
absl::StatusOr<v1::NotificationKind> ParseKind(const std::string& text);

// What --help says of an option that takes kinds.
std::string KindsHelp();

}  // namespace greffe::cli
