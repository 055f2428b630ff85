// Whom a project tells what: the rule in its record, and notifications made by it. Functions of the messages alone.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "greffe/v1/notifications.pb.h"
#include "greffe/v1/projects.pb.h"

namespace greffe {

// INVALID_ARGUMENT naming the field below `field`.
absl::Status ValidateNotificationRule(const v1::NotificationRule& rule, const std::string& field);

// Whether `kind` is one of the contract's. INVALID_ARGUMENT naming `field`.
absl::Status CheckNotificationKind(v1::NotificationKind kind, const std::string& field);

// The rule of a project, with the defaults in what it leaves unset; its days ascend.
v1::NotificationRule NotificationRuleOf(const v1::Project& project);

// Whether the rule has people told of this kind.
bool IsTold(const v1::NotificationRule& rule, v1::NotificationKind kind);

// The smallest of the rule's days within which something due on `due` comes on the day `today`; below 0: none yet, or
// it is overdue. Both are valid dates.
int DaysToTell(const v1::NotificationRule& rule, const std::string& today, const std::string& due);

// The same thing told to the same person has the same key. `occasion`: what makes it another thing although the
// resource is the same: a due date, a sequence.
std::string NotificationKey(v1::NotificationKind kind, const std::string& resource, const std::string& occasion,
                            const std::string& recipient);

// One notification for each of `recipients` ("" is nobody), and for those whom the rule adds; none when the kind is
// off. `base` has all but key and recipient.
void AddNotifications(const v1::Project& project, const v1::NotificationRule& rule, const v1::Notification& base,
                      const std::string& occasion, std::set<std::string> recipients,
                      std::vector<v1::Notification>& notifications);

// Who answers for a record: its owner, or who is responsible; "" when nobody is.
std::string AnswersFor(const google::protobuf::Message& record);

// What people call a record: its title, or its id.
std::string TitleOf(const google::protobuf::Message& record);

}  // namespace greffe
