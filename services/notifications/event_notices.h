// What a commit tells people.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/changes.pb.h"
#include "services/notifications/notice_writer.h"

namespace greffe {

// Of one commit of a project, by the rule that the project had then: the same each time. An imported one tells of links
// alone: its states are what another system said, long ago. `take` is called after each record, and may take away what
// was written so far.
absl::Status AddEventNotices(const Store& store, const v1::Change& change, std::vector<v1::Notification>& notifications,
                             const std::function<absl::Status()>& take);

}  // namespace greffe
