// What a transmittal may say, what is missing of it, and what has become of what was sent. Functions of the messages
// alone.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/transmittals.pb.h"

namespace greffe {

inline constexpr int kMaxTransmittalItems = 1000;
inline constexpr int kMaxTransmittalText = 10'000;
// Of one recipient: the receipt, the answer, and what was added later.
inline constexpr int kMaxAcknowledgements = 1000;

// Title, reason, message, recipients, response_due. INVALID_ARGUMENT naming the field below `field`.
absl::Status ValidateTransmittal(const v1::Transmittal& transmittal, const std::string& field);

// Adds to what was answered. NOT_FOUND (RECIPIENT_NOT_FOUND), FAILED_PRECONDITION (ALREADY_ACKNOWLEDGED,
// TOO_MANY_ACKNOWLEDGEMENTS; RECORD_FULL for one with a comment).
absl::Status AddAcknowledgement(v1::Transmittal& transmittal, const v1::TransmittalAcknowledgement& acknowledgement);

// Of `document` as it is at some moment, and the version that was sent, then.
v1::TransmittalChangeKind ChangeOf(const v1::Document& document, const v1::Version& sent);

// A RecordKind's `compute`: the state, and what is missing.
void CompleteTransmittal(google::protobuf::Message& transmittal);

}  // namespace greffe
