// Unified diffs of two texts, by libgit2's xdiff.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace greffe {

struct TextDiff {
  std::string unified;  // "--- <base_name>\n+++ <target_name>\n@@ ..."; "" when the texts are equal
  std::int64_t lines_added = 0;
  std::int64_t lines_removed = 0;
};

absl::StatusOr<TextDiff> DiffTexts(std::string_view base, std::string_view base_name, std::string_view target,
                                   std::string_view target_name, int context_lines);

}  // namespace greffe
