// What milestones may be. Functions of the messages alone.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "greffe/v1/milestones.pb.h"

namespace greffe {

inline constexpr int kMaxGates = 500;

// The fields that callers set, of a milestone of `project`. INVALID_ARGUMENT naming the field below `field`; that gates
// exist is not looked at.
absl::Status ValidateMilestone(const v1::Milestone& milestone, const std::string& project, const std::string& field);

// To come, or missed and perhaps to come.
bool IsOpen(const v1::Milestone& milestone);

// FAILED_PRECONDITION (TRANSITION_NOT_ALLOWED); see CheckStateChange.
absl::Status CheckTransition(const v1::Milestone& milestone, v1::MilestoneState to);

// RecordKind::compute of milestones.
void ComputeMilestone(google::protobuf::Message& record);

}  // namespace greffe
