// What time brings: due dates that come near or are over, locks that end.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "services/notifications/notice_writer.h"

namespace greffe {

// The day by which a record that is open is due; "": there is none.
std::string OpenDueDate(const google::protobuf::Message& record);

// Of those records of the project that the names tell, on the day `today`; other names are passed over.
absl::Status AddDueNoticesOf(const ProjectView& view, const std::set<std::string>& names, const std::string& today,
                             NoticeWriter& writer);

// Of all records of the project: those of which something is to be told are found by their days. `take` is called after
// each, and may take away what was written so far.
absl::Status AddAllDueNotices(const ProjectView& view, const std::string& today, NoticeWriter& writer,
                              const std::function<absl::Status()>& take);

// Of the project's locks, at the moment `now`.
void AddLockNotices(const Store& store, const ProjectView& view, Micros now, NoticeWriter& writer);

}  // namespace greffe
