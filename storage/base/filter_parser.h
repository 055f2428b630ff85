// The grammar of AIP-160 filters as far as we go: comparisons joined with AND. What fields there are, and what their
// values may be, is the caller's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/base/clock.h"

namespace greffe {

enum class FilterOperator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas };

// One comparison. `field` is a name of the grammar; for labels.<key> and attributes.<id>, `key` is what follows the
// dot.
struct FilterTerm {
  std::string field;
  std::string key;
  FilterOperator op = FilterOperator::kEqual;
  std::string value;
  Micros time = 0;  // of `value`, for fields that are times
  bool negated = false;
};

class FilterGrammar {
 public:
  virtual ~FilterGrammar() = default;
  // Whether `field`, with its key where it has one, may be compared.
  virtual bool IsField(const FilterTerm& term) const = 0;
  // Completes the term. What is wrong with its value; nullopt: nothing.
  virtual std::optional<std::string> CheckValue(FilterTerm& term) const = 0;
};

// INVALID_ARGUMENT (FILTER_INVALID) naming "filter", the position (in characters from 1 on; metadata `position`) and
// what was found there. Values are bare words or quoted (" or ', a backslash takes the next character as it is). At
// most 4,096 characters and 32 comparisons.
absl::StatusOr<std::vector<FilterTerm>> ParseFilterTerms(std::string_view text, const FilterGrammar& grammar);

// RFC 3339, or a date, whose first moment in UTC it is; nullopt for anything else.
std::optional<Micros> ParseFilterTime(const std::string& text);

// Compares two values of one type; kHas is equality.
template <typename Value>
bool CompareValues(FilterOperator op, const Value& a, const Value& b) {
  switch (op) {
    case FilterOperator::kEqual:
    case FilterOperator::kHas:
      return a == b;
    case FilterOperator::kNotEqual:
      return a != b;
    case FilterOperator::kLess:
      return a < b;
    case FilterOperator::kLessOrEqual:
      return a <= b;
    case FilterOperator::kGreater:
      return a > b;
    case FilterOperator::kGreaterOrEqual:
      return a >= b;
  }
  return false;
}

// Compares by bytes; kHas is "begins with".
inline bool CompareText(FilterOperator op, std::string_view text, std::string_view value) {
  if (op == FilterOperator::kHas) return text.substr(0, value.size()) == value;
  return CompareValues(op, text, value);
}

}  // namespace greffe
