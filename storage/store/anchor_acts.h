// The anchors of documents, kept with their latest versions; see TraceRule.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/transaction.h"

namespace greffe {

// Finds the anchors of the version that the act has put for the document, whose main file is `text` (null: not at hand,
// a scan finds them). Where the project's rule does not concern the document, it has none from this version on.
absl::Status UpdateAnchors(Transaction& transaction, const v1::Document& document, const std::string* text);

// Puts anchors of versions that lie in the store, and gives how many: not those of a document that has another latest
// version by now, or that the project's rule concerns no more, or as another rule finds them, or that are there
// already.
absl::StatusOr<std::size_t> PutAnchors(Transaction& transaction, const std::vector<v1::Anchors>& found);

}  // namespace greffe
