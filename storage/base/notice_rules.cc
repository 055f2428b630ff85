#include "storage/base/notice_rules.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_filter.h"

namespace greffe {
namespace {

constexpr int kMaxDays = 365;
constexpr int kMaxDayCount = 10;
constexpr int kMaxLockMinutes = 1440;
constexpr int kMaxPrincipals = 50;
constexpr std::array<int, 2> kDefaultDays = {1, 7};
constexpr int kDefaultLockMinutes = 15;
constexpr std::size_t kKeyDigits = 32;

// The others tell authors and those whose turn it is.
bool MayBeOff(v1::NotificationKind kind) {
  return kind == v1::NOTIFICATION_KIND_DUE || kind == v1::NOTIFICATION_KIND_OVERDUE ||
         kind == v1::NOTIFICATION_KIND_LINK_SUSPECT || kind == v1::NOTIFICATION_KIND_LOCK_EXPIRING ||
         kind == v1::NOTIFICATION_KIND_ASSIGNED;
}

absl::Status ValidateRecipients(const v1::NotificationRecipients& recipients, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(CheckNotificationKind(recipients.kind(), field + ".kind"));
  if (recipients.principals_size() > kMaxPrincipals) {
    return InvalidValue(field + ".principals", std::to_string(recipients.principals_size()), "at most 50 are allowed");
  }
  std::set<std::string> seen;
  for (int i = 0; i < recipients.principals_size(); ++i) {
    const std::string place = absl::StrCat(field, ".principals[", i, "]");
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(recipients.principals(i), place));
    if (!seen.insert(recipients.principals(i)).second) {
      return InvalidValue(place, recipients.principals(i), "is there twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckNotificationKind(v1::NotificationKind kind, const std::string& field) {
  if (kind != v1::NOTIFICATION_KIND_UNSPECIFIED && v1::NotificationKind_IsValid(kind)) return absl::OkStatus();
  return InvalidValue(field, std::to_string(static_cast<int>(kind)), "there is no such kind");
}

absl::Status ValidateNotificationRule(const v1::NotificationRule& rule, const std::string& field) {
  if (rule.due_in_days_size() > kMaxDayCount) {
    return InvalidValue(field + ".due_in_days", std::to_string(rule.due_in_days_size()), "at most 10 are allowed");
  }
  std::set<int> days;
  for (int i = 0; i < rule.due_in_days_size(); ++i) {
    const std::string place = absl::StrCat(field, ".due_in_days[", i, "]");
    const int day = rule.due_in_days(i);
    if (day < 0 || day > kMaxDays) return InvalidValue(place, std::to_string(day), "allowed are 0 to 365");
    if (!days.insert(day).second) return InvalidValue(place, std::to_string(day), "is there twice");
  }
  if (rule.lock_minutes() < 0 || rule.lock_minutes() > kMaxLockMinutes) {
    return InvalidValue(field + ".lock_minutes", std::to_string(rule.lock_minutes()), "allowed are 0 to 1440");
  }
  for (int i = 0; i < rule.off_size(); ++i) {
    const std::string place = absl::StrCat(field, ".off[", i, "]");
    GREFFE_RETURN_IF_ERROR(CheckNotificationKind(rule.off(i), place));
    if (!MayBeOff(rule.off(i))) {
      return InvalidValue(place, v1::NotificationKind_Name(rule.off(i)), "tells those who are always told");
    }
  }
  std::set<int> kinds;
  for (int i = 0; i < rule.also_size(); ++i) {
    const std::string place = absl::StrCat(field, ".also[", i, "]");
    GREFFE_RETURN_IF_ERROR(ValidateRecipients(rule.also(i), place));
    if (!kinds.insert(rule.also(i).kind()).second) {
      return InvalidValue(place + ".kind", v1::NotificationKind_Name(rule.also(i).kind()), "is there twice");
    }
  }
  return absl::OkStatus();
}

v1::NotificationRule NotificationRuleOf(const v1::Project& project) {
  v1::NotificationRule rule = project.notification_rule();
  if (rule.due_in_days().empty()) rule.mutable_due_in_days()->Add(kDefaultDays.begin(), kDefaultDays.end());
  std::sort(rule.mutable_due_in_days()->begin(), rule.mutable_due_in_days()->end());
  if (rule.lock_minutes() == 0) rule.set_lock_minutes(kDefaultLockMinutes);
  return rule;
}

bool IsTold(const v1::NotificationRule& rule, v1::NotificationKind kind) {
  return std::find(rule.off().begin(), rule.off().end(), kind) == rule.off().end();
}

int DaysToTell(const v1::NotificationRule& rule, const std::string& today, const std::string& due) {
  const std::int64_t left = DaysBetween(today, due);
  if (left < 0) return -1;
  for (const int days : rule.due_in_days()) {
    if (left <= days) return days;
  }
  return -1;
}

std::string NotificationKey(v1::NotificationKind kind, const std::string& resource, const std::string& occasion,
                            const std::string& recipient) {
  // None of the parts has a zero byte.
  std::string text = v1::NotificationKind_Name(kind);
  for (const std::string* part : {&resource, &occasion, &recipient}) {
    text += '\0';
    text += *part;
  }
  return Sha256Of(text).Hex().substr(0, kKeyDigits);
}

void AddNotifications(const v1::Project& project, const v1::NotificationRule& rule, const v1::Notification& base,
                      const std::string& occasion, std::set<std::string> recipients,
                      std::vector<v1::Notification>& notifications) {
  if (!IsTold(rule, base.kind())) return;
  if (base.kind() == v1::NOTIFICATION_KIND_OVERDUE) recipients.insert(project.manager());
  for (const v1::NotificationRecipients& also : rule.also()) {
    if (also.kind() != base.kind()) continue;
    recipients.insert(also.principals().begin(), also.principals().end());
    if (also.manager()) recipients.insert(project.manager());
    if (also.sponsor()) recipients.insert(project.sponsor());
  }
  recipients.erase("");
  for (const std::string& recipient : recipients) {
    v1::Notification& notification = notifications.emplace_back(base);
    notification.set_recipient(recipient);
    notification.set_key(NotificationKey(base.kind(), base.resource(), occasion, recipient));
  }
}

std::string AnswersFor(const google::protobuf::Message& record) {
  for (const char* field : {"owner", "responsible", "sender"}) {
    if (std::string principal = TextField(record, field); !principal.empty()) return principal;
  }
  return "";
}

std::string TitleOf(const google::protobuf::Message& record) {
  std::string title = TextField(record, "title");
  return title.empty() ? IdOfRecord(record) : title;
}

}  // namespace greffe
