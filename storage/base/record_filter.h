// AIP-160 filters and orders of the lists of records (reviews, deliverables, ...), for any kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "storage/base/filter_parser.h"

namespace greffe {

// All must hold. Fields: `id`, and each top-level field of the record that is text, a number, a truth value, an enum
// (by its short names), a time, or a repeated one of those (`=` and `:` then mean that an element is equal, or begins
// so); `labels.<key>` and `attributes.<id>`.
struct RecordFilter {
  std::vector<FilterTerm> terms;
};
// INVALID_ARGUMENT (FILTER_INVALID).
absl::StatusOr<RecordFilter> ParseRecordFilter(std::string_view text, const google::protobuf::Descriptor& record);

bool Matches(const RecordFilter& filter, const google::protobuf::Message& record);

struct RecordOrdering {
  const google::protobuf::FieldDescriptor* field = nullptr;  // nullptr: by id
  bool descending = false;
};
// `id` or a singular field that can be filtered by, with an optional ` desc`; "" is `id`. INVALID_ARGUMENT
// (ORDER_INVALID).
absl::StatusOr<RecordOrdering> ParseRecordOrdering(std::string_view text, const google::protobuf::Descriptor& record);

// The last part of the record's name; for versions "<number>/<n>".
std::string IdOfRecord(const google::protobuf::Message& record);

}  // namespace greffe
