// How large a record may become: a message of 4 MiB has to hold it, with what an answer says around it. One that grew
// past that could be read by nobody, and no page of a list would get beyond it.
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace greffe {

// Of a record as it is answered; of a document with its latest version.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{2} << 20;

// Where acts stop that can be repeated without end (comments, changed dates, another round of approval): what closes
// the record has the rest.
inline constexpr std::size_t kMaxRepeatedBytes = std::size_t{3} << 19;

// FAILED_PRECONDITION (RECORD_FULL) when `record` is above kMaxRecordBytes and larger than `former` (nullptr: none):
// one that grew before there was a bound can be written as long as it grows no further.
absl::Status CheckRecordBytes(const google::protobuf::Message& record, const google::protobuf::Message* former);

// FAILED_PRECONDITION (RECORD_FULL) when `record` is above kMaxRepeatedBytes.
absl::Status CheckRoomToRepeat(const google::protobuf::Message& record);

}  // namespace greffe
