#include "storage/git/text_diff.h"

#include <git2.h>

#include "storage/base/errors.h"

namespace greffe {

absl::StatusOr<TextDiff> DiffTexts(std::string_view base, std::string_view base_name, std::string_view target,
                                   std::string_view target_name, int context_lines) {
  git_diff_options options;
  git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
  options.context_lines = static_cast<std::uint32_t>(context_lines);
  options.flags = GIT_DIFF_FORCE_TEXT;
  TextDiff diff;
  const auto on_hunk = [](const git_diff_delta*, const git_diff_hunk* hunk, void* payload) {
    static_cast<TextDiff*>(payload)->unified.append(hunk->header, hunk->header_len);
    return 0;
  };
  const auto on_line = [](const git_diff_delta*, const git_diff_hunk*, const git_diff_line* line, void* payload) {
    auto& out = *static_cast<TextDiff*>(payload);
    if (line->origin == GIT_DIFF_LINE_ADDITION) ++out.lines_added;
    if (line->origin == GIT_DIFF_LINE_DELETION) ++out.lines_removed;
    const bool marked = line->origin == GIT_DIFF_LINE_ADDITION || line->origin == GIT_DIFF_LINE_DELETION ||
                        line->origin == GIT_DIFF_LINE_CONTEXT;
    if (marked) out.unified += line->origin;
    out.unified.append(line->content, line->content_len);
    return 0;
  };
  const int result = git_diff_buffers(base.data(), base.size(), nullptr, target.data(), target.size(), nullptr,
                                      &options, nullptr, nullptr, on_hunk, on_line, &diff);
  if (result < 0) {
    const git_error* error = git_error_last();
    return Error(absl::StatusCode::kInternal, "DIFF_FAILED",
                 std::string("diff failed: ") + (error != nullptr ? error->message : "unknown"));
  }
  if (!diff.unified.empty()) {
    diff.unified = "--- " + std::string(base_name) + "\n+++ " + std::string(target_name) + "\n" + diff.unified;
  }
  return diff;
}

}  // namespace greffe
