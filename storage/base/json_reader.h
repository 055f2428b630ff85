// The reading half of canonical_json.h.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace greffe {

// See FromCanonicalJson; `known_format` is the largest "format" that is understood.
absl::Status ReadJsonRecord(std::string_view json, int known_format, google::protobuf::Message& record);

}  // namespace greffe
