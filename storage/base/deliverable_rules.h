// What deliverables may be, and which states follow which. Functions of the messages alone.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "greffe/v1/deliverables.pb.h"

namespace greffe {

inline constexpr int kMaxDeliverableDocuments = 100;
inline constexpr int kMaxSubmissions = 50;
inline constexpr int kMaxReservations = 50;

// The fields that callers set, of a deliverable of `project`. INVALID_ARGUMENT naming the field below `field`; that
// milestone and documents exist is not looked at.
absl::Status ValidateDeliverable(const v1::Deliverable& deliverable, const std::string& project,
                                 const std::string& field);

// Neither accepted nor archived.
bool IsOpen(const v1::Deliverable& deliverable);
// Its last submission was accepted, with reservations or without: also of an archived one.
bool IsAccepted(const v1::Deliverable& deliverable);
// FAILED_PRECONDITION (DELIVERABLE_CLOSED) when it is not open.
absl::Status CheckOpen(const v1::Deliverable& deliverable);

// FAILED_PRECONDITION (TRANSITION_NOT_ALLOWED); see CheckStateChange.
absl::Status CheckTransition(const v1::Deliverable& deliverable, v1::DeliverableState to);

// PERMISSION_DENIED (NOT_THE_ACCEPTOR) when an acceptor is named and `principal` is another one.
absl::Status CheckAcceptor(const v1::Deliverable& deliverable, const std::string& principal);

// Names of the deliverable's documents of which `submission` has no version.
std::vector<std::string> MissingDocuments(const v1::Deliverable& deliverable, const v1::Submission& submission);

// RecordKind::compute of deliverables.
void ComputeDeliverable(google::protobuf::Message& record);

}  // namespace greffe
