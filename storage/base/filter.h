// AIP-160 filters of ListDocuments, parsed and evaluated. Grammar and fields: ListDocumentsRequest.filter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/documents.pb.h"
#include "storage/base/filter_parser.h"

namespace greffe {

// All must hold.
struct DocumentFilter {
  std::vector<FilterTerm> terms;

  // The value that every match has for `field` (and `key`) by an un-negated '=' term; nullptr when there is none. What
  // an index can answer.
  const FilterTerm* FindEquality(std::string_view field, std::string_view key = {}) const;
};

// INVALID_ARGUMENT (FILTER_INVALID); see ParseFilterTerms. "" gives a filter with the default term alone: state =
// ACTIVE is added when no term names `state`.
absl::StatusOr<DocumentFilter> ParseDocumentFilter(std::string_view text);

// Compares as the field's type says: states by name, attributes by their type (dates and numbers by value), text by
// bytes; ':' on `path` and other text is "begins with", on labels.<key> and attributes.<id> with value "*" is "is
// present". A missing label or attribute matches nothing but a negated term and '!='. `template` compares with versions
// of the same template; ':' is "of this template", with "*" of any.
bool Matches(const DocumentFilter& filter, const v1::Document& document);

enum class DocumentOrder { kNumber, kPath, kTitle, kUpdateTime, kCreateTime };
struct DocumentOrdering {
  DocumentOrder order = DocumentOrder::kNumber;
  bool descending = false;
};
// INVALID_ARGUMENT (ORDER_INVALID).
absl::StatusOr<DocumentOrdering> ParseDocumentOrdering(std::string_view text);

// A byte string by which documents sort in that order (ties broken by number; numbers sort with runs of digits compared
// as numbers: SPC-9 before SPC-10). Descending order is the reverse of the same keys.
std::string SortKey(DocumentOrder order, const v1::Document& document);

}  // namespace greffe
