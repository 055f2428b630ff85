#include "clients/cli/glob.h"

#include <string_view>

#include "clients/cpp/error.h"

namespace greffe::cli {
namespace {

bool Matches(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    if (pattern[0] == '*') {
      const bool deep = pattern.size() > 1 && pattern[1] == '*';
      std::string_view rest = pattern.substr(deep ? 2 : 1);
      // `**/x` fits `x` too.
      if (deep && !rest.empty() && rest[0] == '/' && Matches(rest.substr(1), text)) return true;
      for (std::size_t i = 0;; ++i) {
        if (Matches(rest, text.substr(i))) return true;
        if (i == text.size() || (!deep && text[i] == '/')) return false;
      }
    }
    if (text.empty() || (pattern[0] == '?' ? text[0] == '/' : pattern[0] != text[0])) return false;
    pattern.remove_prefix(1);
    text.remove_prefix(1);
  }
  return text.empty();
}

}  // namespace

bool GlobMatches(const std::string& pattern, const std::string& path) {
  if (!pattern.empty() && pattern.back() == '/') return Matches(pattern + "**", path);
  if (pattern.find('/') == std::string::npos) return Matches(pattern, path.substr(path.rfind('/') + 1));
  return Matches(pattern, path);
}

absl::StatusOr<TypeRules> TypeRules::Parse(const std::vector<std::string>& rules, const std::string& otherwise) {
  TypeRules result;
  result.otherwise_ = otherwise;
  for (const std::string& rule : rules) {
    const std::size_t equals = rule.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == rule.size()) {
      return client::MakeError(absl::StatusCode::kInvalidArgument, "TYPE_RULE_INVALID",
                               "\"" + rule + "\" is not of the form GLOB=TYPE");
    }
    result.rules_.emplace_back(rule.substr(0, equals), rule.substr(equals + 1));
  }
  return result;
}

const std::string& TypeRules::TypeOf(const std::string& path) const {
  for (const auto& [pattern, type] : rules_) {
    if (GlobMatches(pattern, path)) return type;
  }
  return otherwise_;
}

}  // namespace greffe::cli
