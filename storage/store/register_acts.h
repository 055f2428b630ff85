// What may be done to entries of registers, as acts on a transaction; see registers.proto. The same for all registers;
// what one of them does beside is in register_hooks.h.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/record_kinds.h"
#include "storage/store/transaction.h"

namespace greffe {

// Puts a new entry, in its first state, and gives it as it was put. `id` may be empty. Errors name fields below
// `field`, and "entry_id".
absl::StatusOr<RecordPtr> AddEntry(Transaction& transaction, const google::protobuf::Message& values,
                                   const std::string& id, const std::string& field, SaidBy said_by = SaidBy::kCaller);

// The same of an entry that the server makes of something else.
template <typename Record>
absl::StatusOr<Record> AddEntryOf(Transaction& transaction, const Record& values, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr entry, AddEntry(transaction, values, "", field, SaidBy::kServer));
  return static_cast<const Record&>(*entry);
}

// Changes the fields that `paths` name to those of `values`, whose etag counts when it has one.
absl::Status UpdateEntry(Transaction& transaction, const google::protobuf::Message& values, const std::string& id,
                         const std::vector<std::string>& paths, const std::string& field);

absl::Status TransitionEntry(Transaction& transaction, const RecordKind& kind, const std::string& id,
                             const std::string& state, const std::string& comment, const std::string& etag);

}  // namespace greffe
