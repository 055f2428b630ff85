// How far people were told of a project: a state row of the journal, `notices/<project>`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/journal/journal.h"

namespace greffe {

struct NoticeProgress {
  Sequence sequence = 0;  // commits up to this one
  std::string day;        // the latest day, in the project's time zone, whose due dates were looked at; "": none
  std::int64_t told = 0;  // notices of the next commit, in their order, which is always the same

  friend bool operator==(const NoticeProgress&, const NoticeProgress&) = default;
};

StateChange NoticeProgressRow(const std::string& project, const NoticeProgress& progress);

// nullopt: it was never looked at.
absl::StatusOr<std::optional<NoticeProgress>> ReadNoticeProgress(const Journal& journal, const std::string& project);

}  // namespace greffe
