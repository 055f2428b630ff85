// Sending versions, as acts on a transaction: see transmittals.proto.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/transmittals.pb.h"
#include "storage/base/names.h"
#include "storage/store/transaction.h"

namespace greffe {

// `asked` is valid; the versions are of the transaction's project. INVALID_ARGUMENT naming `transmittal.response_due`
// (DATE_IN_PAST) or `versions`; FAILED_PRECONDITION as the proto has it.
absl::Status CreateTransmittal(Transaction& transaction, const v1::Transmittal& asked,
                               const std::vector<VersionName>& versions);

absl::Status AcknowledgeTransmittal(Transaction& transaction, const std::string& id, const std::string& recipient,
                                    const std::string& comment, bool responded);

}  // namespace greffe
