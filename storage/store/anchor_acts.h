// The anchors of documents, kept with their latest versions; see TraceRule.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/transaction.h"

namespace greffe {

// Finds the anchors of the version that the act has put for the document, whose main file is `text`. Does nothing where
// the project has no rule that concerns the document.
absl::Status UpdateAnchors(Transaction& transaction, const v1::Document& document, std::string_view text);

// Puts the anchors of a version that lies in the store; false when the document has another latest version by now, or
// these are there already.
absl::StatusOr<bool> PutAnchors(Transaction& transaction, const std::string& number, const v1::Anchors& found);

}  // namespace greffe
