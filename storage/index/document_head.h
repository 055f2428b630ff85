// What lists tell of a document beside their own subject, read from its row without the rest of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "greffe/v1/documents.pb.h"

namespace greffe {

struct DocumentHead {
  std::string name;
  std::string title;
  v1::DocumentState state = v1::DOCUMENT_STATE_UNSPECIFIED;
  std::int64_t sequence = 0;

  // Of a serialised Document. UNAVAILABLE (INDEX_DAMAGED) when it is none.
  static absl::StatusOr<DocumentHead> Decode(std::string_view row);
};

}  // namespace greffe
