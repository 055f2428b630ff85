#include "services/call/file_difference.h"

#include <utility>

#include "storage/base/errors.h"
#include "storage/base/media_type.h"

namespace greffe {

absl::Status ValidateContextLines(int context_lines) {
  if (context_lines >= 0 && context_lines <= 100) return absl::OkStatus();
  return InvalidField("context_lines", "FIELD_INVALID",
                      "'" + std::to_string(context_lines) + "': allowed are 0 to 100");
}

std::int64_t BytesToCompare(const CallLimits& limits, const v1::File& base, const v1::File& target) {
  const bool same = base.sha256() == target.sha256();
  const bool large = base.size() > limits.diff_bytes || target.size() > limits.diff_bytes;
  return same || large ? 0 : base.size() + target.size();
}

absl::StatusOr<FileDifference> CompareFiles(const Store& store, const CallLimits& limits, const std::string& project,
                                            const NamedFile& base, const NamedFile& target, int context_lines) {
  FileDifference difference;
  if (base.file.sha256() == target.file.sha256()) return difference;
  if (base.file.size() > limits.diff_bytes || target.file.size() > limits.diff_bytes) {
    difference.omitted = v1::DIFF_OMITTED_TOO_LARGE;
    return difference;
  }
  GREFFE_ASSIGN_OR_RETURN(const std::string old_text, store.ReadContent(project, base.file));
  GREFFE_ASSIGN_OR_RETURN(const std::string new_text, store.ReadContent(project, target.file));
  if (!IsText(old_text) || !IsText(new_text)) {
    difference.omitted = v1::DIFF_OMITTED_BINARY;
    return difference;
  }
  GREFFE_ASSIGN_OR_RETURN(TextComparison diff, CompareTexts(old_text, base.name, new_text, target.name, context_lines));
  if (static_cast<std::int64_t>(diff.unified.size()) > limits.diff_bytes) {
    difference.omitted = v1::DIFF_OMITTED_TOO_LARGE;
    return difference;
  }
  difference.unified = std::move(diff.unified);
  difference.lines_added = diff.lines_added;
  difference.lines_removed = diff.lines_removed;
  return difference;
}

}  // namespace greffe
