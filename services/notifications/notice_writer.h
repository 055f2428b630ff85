// What both kinds of rules, of commits and of time, write notifications with.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/notifications.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/reviews.pb.h"
#include "storage/base/names.h"
#include "storage/base/notice_rules.h"
#include "storage/base/record_fields.h"
#include "storage/store/store.h"

namespace greffe {

// Collects notifications of one project.
class NoticeWriter {
 public:
  NoticeWriter(v1::Project project, std::vector<v1::Notification>& notifications)
      : project_(std::move(project)), rule_(NotificationRuleOf(project_)), notifications_(notifications) {}

  const v1::Project& project() const { return project_; }
  const v1::NotificationRule& rule() const { return rule_; }

  // With resource and title of it; where the record is one of those that have a state, that too.
  v1::Notification About(v1::NotificationKind kind, const google::protobuf::Message& record,
                         std::int64_t sequence) const {
    v1::Notification notification;
    notification.set_kind(kind);
    notification.set_project(project_.name());
    notification.set_resource(NameOf(record));
    notification.set_title(TitleOf(record));
    notification.set_state(StateText(record));
    notification.set_sequence(sequence);
    return notification;
  }
  void Add(const v1::Notification& base, const std::string& occasion, std::set<std::string> recipients) {
    AddNotifications(project_, rule_, base, occasion, std::move(recipients), notifications_);
  }

 private:
  const v1::Project project_;
  const v1::NotificationRule rule_;
  std::vector<v1::Notification>& notifications_;
};

// The author of the version that is reviewed; "" when that cannot be told.
inline std::string AuthorOf(const ProjectView& view, const v1::Review& review) {
  const absl::StatusOr<VersionName> name = ParseVersionName(review.version());
  if (!name.ok()) return "";
  const absl::StatusOr<v1::Version> version = view.GetVersion(name->number, name->version);
  return version.ok() ? version->author().id() : "";
}

}  // namespace greffe
