#include "storage/store/notice_progress.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kProgress = "notices/";

bool ParseCount(std::string_view text, std::int64_t& count) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

}  // namespace

StateChange NoticeProgressRow(const std::string& project, const NoticeProgress& progress) {
  std::string row = std::to_string(progress.sequence) + "\n" + progress.day;
  if (progress.told > 0) row += "\n" + std::to_string(progress.told);
  return {std::string(kProgress) + project, std::move(row)};
}

absl::StatusOr<std::optional<NoticeProgress>> ReadNoticeProgress(const Journal& journal, const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, journal.ReadState(std::string(kProgress) + project));
  if (!row) return std::nullopt;
  NoticeProgress progress;
  const std::string_view text = *row;
  const std::size_t first = text.find('\n');
  const std::size_t second = first == text.npos ? first : text.find('\n', first + 1);
  if (first == text.npos || !ParseCount(text.substr(0, first), progress.sequence) ||
      (second != text.npos && !ParseCount(text.substr(second + 1), progress.told))) {
    return Damaged("journal", "how far people were told of project '" + project + "' is not there");
  }
  progress.day = text.substr(first + 1, second == text.npos ? second : second - first - 1);
  return progress;
}

}  // namespace greffe
