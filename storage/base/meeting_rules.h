// What minutes of meetings may be. Functions of the messages alone.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "greffe/v1/meetings.pb.h"

namespace greffe {

// INVALID_ARGUMENT naming the item below `field`.
absl::Status ValidateMinutes(const v1::Meeting& meeting, const std::string& field);

// The title of the decision or action that an item becomes: the first 500 characters of its first line.
std::string TitleOf(const v1::MinutesItem& item);

}  // namespace greffe
