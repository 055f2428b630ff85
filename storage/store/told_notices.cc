#include "storage/store/told_notices.h"

#include "storage/base/errors.h"
#include "storage/base/notice_rules.h"

namespace greffe {
namespace {

// Of one due date fewer days come after more of them: one row remembers the fewest.
std::string ToldKey(const v1::Notification& notification) {
  const std::string key(kToldRows);
  if (notification.kind() != v1::NOTIFICATION_KIND_DUE) return key + notification.key();
  return key + NotificationKey(notification.kind(), notification.resource(), notification.due_date(),
                               notification.recipient());
}

}  // namespace

bool ComesWithTime(v1::NotificationKind kind) {
  return kind == v1::NOTIFICATION_KIND_DUE || kind == v1::NOTIFICATION_KIND_OVERDUE ||
         kind == v1::NOTIFICATION_KIND_LOCK_EXPIRING;
}

absl::StatusOr<std::optional<StateChange>> NewToldRow(const Journal& journal, const v1::Notification& notification) {
  std::string key = ToldKey(notification);
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> before, journal.ReadState(key));
  if (before) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Notification told, ParseToldRow(*before));
    if (notification.kind() != v1::NOTIFICATION_KIND_DUE || told.days() <= notification.days()) return std::nullopt;
  }
  v1::Notification told;
  told.set_kind(notification.kind());
  told.set_project(notification.project());
  told.set_resource(notification.resource());
  told.set_due_date(notification.due_date());
  told.set_days(notification.days());
  *told.mutable_create_time() = notification.create_time();
  return StateChange{std::move(key), told.SerializeAsString()};
}

absl::StatusOr<v1::Notification> ParseToldRow(const std::string& row) {
  v1::Notification told;
  if (told.ParseFromString(row)) return told;
  return Damaged("journal", "what was told is not there");
}

}  // namespace greffe
