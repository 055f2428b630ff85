// What time brings (DUE, OVERDUE, LOCK_EXPIRING) has no place in history up to which it was told, so the journal
// remembers each that was: state rows `told/<key>`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "greffe/v1/notifications.pb.h"
#include "storage/journal/journal.h"

namespace greffe {

inline constexpr std::string_view kToldRows = "told/";

// Of what comes with commits, how far they were told is enough.
bool ComesWithTime(v1::NotificationKind kind);

// The row that keeps it from being told again, with its moment; nullopt: it was told before.
absl::StatusOr<std::optional<StateChange>> NewToldRow(const Journal& journal, const v1::Notification& notification);

// What such a row tells: kind, project, resource, due date and days of what was told, and when.
absl::StatusOr<v1::Notification> ParseToldRow(const std::string& row);

}  // namespace greffe
