// What acts on records of several kinds share: who changes what when, ids, and the fields that a mask names.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/dates.pb.h"
#include "storage/store/transaction.h"

namespace greffe {

// The day that it is in the project's time zone.
absl::StatusOr<std::string> Today(Transaction& transaction);

// `date`, or today when it is empty. INVALID_ARGUMENT (DATE_INVALID, DATE_IN_FUTURE) naming `field`.
absl::StatusOr<std::string> PastDay(Transaction& transaction, const std::string& date, const std::string& field);

// A change of a date by the caller, now.
absl::StatusOr<v1::DateChange> DateChangeByCaller(Transaction& transaction, const std::string& reason);

// OK when the project has a resource of that name (a document, a version or any record), or the name is empty.
// INVALID_ARGUMENT naming `field`, NOT_FOUND.
absl::Status CheckResource(Transaction& transaction, const std::string& name, const std::string& field);

// The id of a new record: `chosen`, or the next one of the prefix. INVALID_ARGUMENT naming `field`, ALREADY_EXISTS
// (ID_TAKEN).
absl::StatusOr<std::string> NewRecordId(Transaction& transaction, const RecordKind& kind, const std::string& prefix,
                                        const std::string& chosen, const std::string& field);

// Gives `record` the values of the fields that `paths` name (all of `allowed`, when empty or "*"). INVALID_ARGUMENT
// (FIELD_MASK_INVALID) for a path that is not allowed or is there twice; nothing is changed then.
absl::Status ReplaceFields(google::protobuf::Message& record, const google::protobuf::Message& values,
                           const std::vector<std::string>& paths, const std::vector<std::string>& allowed);

// The names in one text for an error, of many only the first ones.
std::string JoinNames(const std::vector<std::string>& names);

}  // namespace greffe
