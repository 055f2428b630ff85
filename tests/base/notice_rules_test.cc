#include "storage/base/notice_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "greffe/v1/actions.pb.h"

namespace greffe {
namespace {

using testing::ElementsAre;

std::vector<std::string> Recipients(const v1::Project& project, v1::NotificationKind kind,
                                    const std::set<std::string>& concerned) {
  v1::Notification base;
  base.set_kind(kind);
  std::vector<v1::Notification> notifications;
  AddNotifications(project, NotificationRuleOf(project), base, "1", concerned, notifications);
  std::vector<std::string> recipients;
  for (const v1::Notification& notification : notifications) recipients.push_back(notification.recipient());
  return recipients;
}

TEST(NoticeRulesTest, TheSmallestOfTheDaysThatFitsIsTold) {
  v1::Project project;
  const v1::NotificationRule rule = NotificationRuleOf(project);
  EXPECT_THAT(rule.due_in_days(), ElementsAre(1, 7));
  EXPECT_EQ(DaysToTell(rule, "2026-03-01", "2026-03-09"), -1);
  EXPECT_EQ(DaysToTell(rule, "2026-03-01", "2026-03-08"), 7);
  EXPECT_EQ(DaysToTell(rule, "2026-03-01", "2026-03-03"), 7);
  EXPECT_EQ(DaysToTell(rule, "2026-03-01", "2026-03-02"), 1);
  EXPECT_EQ(DaysToTell(rule, "2026-03-01", "2026-03-01"), 1);
  EXPECT_EQ(DaysToTell(rule, "2026-03-01", "2026-02-28"), -1) << "it is overdue";
}

TEST(NoticeRulesTest, TheRuleAddsRecipientsAndTakesKindsAway) {
  v1::Project project;
  project.set_manager("mia");
  project.set_sponsor("sam");
  EXPECT_THAT(Recipients(project, v1::NOTIFICATION_KIND_DUE, {"ada", ""}), ElementsAre("ada"));
  EXPECT_THAT(Recipients(project, v1::NOTIFICATION_KIND_OVERDUE, {"ada"}), ElementsAre("ada", "mia"));
  v1::NotificationRecipients& also = *project.mutable_notification_rule()->add_also();
  also.set_kind(v1::NOTIFICATION_KIND_DUE);
  also.set_sponsor(true);
  also.add_principals("zoe");
  also.add_principals("ada");
  project.mutable_notification_rule()->add_off(v1::NOTIFICATION_KIND_OVERDUE);
  EXPECT_THAT(Recipients(project, v1::NOTIFICATION_KIND_DUE, {"ada"}), ElementsAre("ada", "sam", "zoe"));
  EXPECT_THAT(Recipients(project, v1::NOTIFICATION_KIND_OVERDUE, {"ada"}), ElementsAre());
}

TEST(NoticeRulesTest, TheKeyTellsKindResourceOccasionAndRecipientApart) {
  const auto due = v1::NOTIFICATION_KIND_DUE;
  const std::string key = NotificationKey(due, "a", "b", "c");
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key, NotificationKey(due, "a", "b", "c"));
  EXPECT_NE(key, NotificationKey(v1::NOTIFICATION_KIND_OVERDUE, "a", "b", "c"));
  EXPECT_NE(NotificationKey(due, "ab", "c", "d"), NotificationKey(due, "a", "bc", "d"));
}

TEST(NoticeRulesTest, WhoAnswersForARecord) {
  v1::Action action;
  action.set_name("projects/p/actions/ACT-0001");
  EXPECT_EQ(AnswersFor(action), "");
  EXPECT_EQ(TitleOf(action), "ACT-0001");
  action.set_owner("bob");
  action.set_title("Order");
  EXPECT_EQ(AnswersFor(action), "bob");
  EXPECT_EQ(TitleOf(action), "Order");
}

}  // namespace
}  // namespace greffe
