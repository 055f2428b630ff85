// An Entry of the contract and the message inside it: everything but the contract works on the latter.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "greffe/v1/registers.pb.h"
#include "storage/base/record_kinds.h"

namespace greffe {

// Whether the kind's records are entries of a register.
bool IsRegister(const RecordKind& kind);

// The kind of that collection. INVALID_ARGUMENT (COLLECTION_UNKNOWN) naming `field` when it is no register's.
absl::StatusOr<const RecordKind*> FindRegister(std::string_view collection, const std::string& field);

// The message that is set. INVALID_ARGUMENT (FIELD_REQUIRED) naming `field` when none is.
absl::StatusOr<const google::protobuf::Message*> EntryIn(const v1::Entry& entry, const std::string& field);

// An empty message of the kind, which is a register's, set in `entry`.
google::protobuf::Message* SetEntry(v1::Entry& entry, const RecordKind& kind);

// The Entry, serialized, in which a serialized record of the kind is set.
std::string SerializedEntry(const RecordKind& kind, std::string_view record);

// Name of the kind's field in Entry ("risk"): what paths of errors begin with.
const std::string& EntryFieldName(const RecordKind& kind);

}  // namespace greffe
