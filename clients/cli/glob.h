// Patterns for paths.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace greffe::cli {

// True when the pattern fits the path: `?` is any character but '/', `*` any number of them, `**` also '/', a trailing
// '/' everything below a folder. A pattern without '/' is held against the last part only.
bool GlobMatches(const std::string& pattern, const std::string& path);

// Rules `GLOB=TYPE`; the first that fits a path tells the type of its document.
class TypeRules {
 public:
  // INVALID_ARGUMENT (TYPE_RULE_INVALID) for a rule without '='.
  static absl::StatusOr<TypeRules> Parse(const std::vector<std::string>& rules, const std::string& otherwise);
  const std::string& TypeOf(const std::string& path) const;

 private:
  std::vector<std::pair<std::string, std::string>> rules_;
  std::string otherwise_;
};

}  // namespace greffe::cli
