// How the value of a field is told in an error.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {

// Cut, so that a hostile value does not make an error that no transport carries.
inline std::string ShownValue(std::string_view value) {
  constexpr std::size_t kShown = 100;
  return PrintableUtf8(value.substr(0, kShown)) + (value.size() > kShown ? "..." : "");
}

inline std::string QuotedValue(std::string_view value) { return "'" + ShownValue(value) + "'"; }

// "labels[colour]".
inline std::string MapEntry(const std::string& field, std::string_view key) {
  return field + "[" + ShownValue(key) + "]";
}

// INVALID_ARGUMENT (FIELD_INVALID).
inline absl::Status InvalidValue(const std::string& field, std::string_view value, const std::string& expectation) {
  return InvalidField(field, "FIELD_INVALID", QuotedValue(value) + ": " + expectation);
}

template <typename Allowed>
bool ConsistsOf(std::string_view text, std::size_t minimum, std::size_t maximum, Allowed allowed) {
  return text.size() >= minimum && text.size() <= maximum && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace greffe
