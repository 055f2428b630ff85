#include "storage/store/notice_progress.h"

#include <charconv>
#include <string_view>

#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kProgress = "notices/";

}  // namespace

StateChange NoticeProgressRow(const std::string& project, const NoticeProgress& progress) {
  return {std::string(kProgress) + project, std::to_string(progress.sequence) + "\n" + progress.day};
}

absl::StatusOr<std::optional<NoticeProgress>> ReadNoticeProgress(const Journal& journal, const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, journal.ReadState(std::string(kProgress) + project));
  if (!row) return std::nullopt;
  NoticeProgress progress;
  const std::size_t line = row->find('\n');
  const auto parsed = std::from_chars(row->data(), row->data() + row->size(), progress.sequence);
  if (line == std::string::npos || parsed.ptr != row->data() + line) {
    return Damaged("journal", "how far people were told of project '" + project + "' is not there");
  }
  progress.day = row->substr(line + 1);
  return progress;
}

}  // namespace greffe
