#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "tests/scenario/fake_clock.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class NotificationsTest : public ServiceFixture {
 protected:
  void SetUp() override {
    clock_ = &fake_clock_;
    notify_.sweep = std::chrono::milliseconds(20);
    ServiceFixture::SetUp();
    principal_ = "pmo";
    MakeProject();
    UpdateProject(R"({"name": "projects/apollo", "manager": "mia", "timeZone": "Europe/Paris"})",
                  {"manager", "time_zone"});
  }

  void Today(int year, int month, int day) { fake_clock_.Set(FakeClock::MorningOf(year, month, day)); }

  void UpdateProject(const std::string& json, const std::vector<std::string>& paths) {
    v1::UpdateProjectRequest request;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, request.mutable_project()).ok()) << json;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    Call(*projects_, &v1::Projects::Stub::UpdateProject, request);
  }
  // An entry as JSON says it, made by the PMO.
  void Make(const std::string& json) {
    v1::CreateEntryRequest request;
    request.set_parent(kProject);
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, request.mutable_entry()).ok()) << json;
    principal_ = "pmo";
    Call(*registers_, &v1::Registers::Stub::CreateEntry, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  void CheckInAs(const std::string& principal, const v1::CheckInRequest& request) {
    principal_ = principal;
    CheckIn(request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  v1::ListNotificationsResponse List(const std::string& principal, const v1::ListNotificationsRequest& request = {}) {
    principal_ = principal;
    return Call(*notifications_, &v1::Notifications::Stub::ListNotifications, request);
  }
  static std::string Line(const v1::Notification& notification) {
    std::string line = v1::NotificationKind_Name(notification.kind()).substr(sizeof("NOTIFICATION_KIND_") - 1) + " " +
                       notification.resource().substr(sizeof(kProject));
    if (!notification.due_date().empty()) line += " " + notification.due_date();
    return line;
  }
  // "KIND collection/id [due date]" of all that the person was told, oldest first.
  std::vector<std::string> Told(const std::string& principal) {
    std::vector<std::string> lines;
    const v1::ListNotificationsResponse page = List(principal);
    for (const v1::Notification& notification : page.notifications()) lines.insert(lines.begin(), Line(notification));
    return lines;
  }
  // Waits until the person has been told so many things; gives them, oldest first.
  std::vector<v1::Notification> Await(const std::string& principal, std::size_t count) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    context.AddMetadata("greffe-principal", principal);
    const auto stream = notifications_->WatchNotifications(&context, {});
    std::vector<v1::Notification> told;
    v1::WatchNotificationsResponse response;
    while (told.size() < count && stream->Read(&response)) {
      if (response.has_notification()) told.push_back(response.notification());
    }
    EXPECT_EQ(told.size(), count) << principal;
    context.TryCancel();
    return told;
  }
  // Returns once everything that was committed before, and all that is due today, was told.
  void Settle() {
    const std::string probe = absl::StrCat("probe-", ++probes_);
    Make(absl::StrCat(R"({"action": {"title": "probe", "owner": ")", probe, R"("}})"));
    Await(probe, 1);
  }

  FakeClock fake_clock_{FakeClock::MorningOf(2026, 3, 2)};
  int probes_ = 0;
};

TEST_F(NotificationsTest, ReviewersInTurnAndTheAuthorAreToldFromTheReviewToTheRelease) {
  CheckInAs("ada", NewAt("a.md", "one"));
  v1::CreateReviewRequest create;
  create.set_parent(kProject);
  create.mutable_review()->set_version(std::string(kSpecification) + "/versions/latest");
  create.mutable_review()->add_steps()->add_reviewers()->set_principal("bob");
  create.mutable_review()->add_steps()->add_reviewers()->set_principal("carol");
  principal_ = "pmo";
  Call(*reviews_, &v1::Reviews::Stub::CreateReview, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  EXPECT_THAT(Told("bob"), ElementsAre("REVIEW_ASSIGNED reviews/RVW-0001"));
  EXPECT_THAT(Told("ada"), ElementsAre("REVIEW_ASSIGNED reviews/RVW-0001"));
  EXPECT_THAT(Told("carol"), IsEmpty()) << "it is not her turn";

  v1::SubmitDecisionRequest decide;
  decide.set_name("projects/apollo/reviews/RVW-0001");
  decide.set_outcome(v1::REVIEW_OUTCOME_APPROVED);
  principal_ = "bob";
  Call(*reviews_, &v1::Reviews::Stub::SubmitDecision, decide);
  Await("carol", 1);
  EXPECT_THAT(Told("carol"), ElementsAre("REVIEW_ASSIGNED reviews/RVW-0001"));
  principal_ = "carol";
  Call(*reviews_, &v1::Reviews::Stub::SubmitDecision, decide);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::ReleaseVersionRequest release;
  release.set_name(std::string(kSpecification) + "/versions/latest");
  principal_ = "pmo";
  Call(*versions_, &v1::Versions::Stub::ReleaseVersion, release);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  EXPECT_THAT(Told("ada"),
              UnorderedElementsAre("REVIEW_ASSIGNED reviews/RVW-0001", "REVIEW_ASSIGNED reviews/RVW-0001",
                                   "REVIEW_ENDED reviews/RVW-0001", "APPROVED documents/SPC-0001/versions/1",
                                   "RELEASED documents/SPC-0001/versions/1"));
  EXPECT_THAT(Told("mia"), ElementsAre("APPROVED documents/SPC-0001/versions/1"))
      << "anyone may release it: the manager sees to that";
  EXPECT_THAT(Told("pmo"), ElementsAre("REVIEW_ENDED reviews/RVW-0001")) << "who opened it";
  const v1::Notification released = List("ada").notifications(0);
  EXPECT_EQ(released.detail(), "A");
  EXPECT_EQ(released.state(), "RELEASED");
  EXPECT_EQ(released.actor().id(), "pmo");
  EXPECT_EQ(released.title(), "a.md");
}

TEST_F(NotificationsTest, WhoIsPendingAlreadyIsToldOfTheNextStepThatAwaitsThem) {
  CheckInAs("ada", NewAt("a.md", "one"));
  v1::CreateReviewRequest create;
  create.set_parent(kProject);
  create.mutable_review()->set_version(std::string(kSpecification) + "/versions/latest");
  v1::ReviewStep& first = *create.mutable_review()->add_steps();
  first.add_reviewers()->set_principal("alice");
  first.add_reviewers()->set_principal("bob");
  first.set_quorum(1);
  v1::ReviewStep& second = *create.mutable_review()->add_steps();
  second.add_reviewers()->set_principal("bob");
  second.add_reviewers()->set_principal("carol");
  principal_ = "pmo";
  Call(*reviews_, &v1::Reviews::Stub::CreateReview, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::SubmitDecisionRequest decide;
  decide.set_name("projects/apollo/reviews/RVW-0001");
  decide.set_outcome(v1::REVIEW_OUTCOME_APPROVED);
  principal_ = "alice";
  Call(*reviews_, &v1::Reviews::Stub::SubmitDecision, decide);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  const std::string assigned = "REVIEW_ASSIGNED reviews/RVW-0001";
  EXPECT_THAT(Told("alice"), ElementsAre(assigned));
  EXPECT_THAT(Told("bob"), ElementsAre(assigned, assigned));
  EXPECT_THAT(Told("carol"), ElementsAre(assigned));
  v1::DelegateReviewRequest delegate;
  delegate.set_name(decide.name());
  delegate.set_delegate("dan");
  principal_ = "carol";
  Call(*reviews_, &v1::Reviews::Stub::DelegateReview, delegate);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  EXPECT_THAT(Told("dan"), ElementsAre(assigned));
  EXPECT_THAT(Told("bob"), ElementsAre(assigned, assigned)) << "his step is the same";
}

TEST_F(NotificationsTest, TheEndOfAReviewThatAnImportVoidsIsTold) {
  CheckInAs("ada", NewAt("a.md", "one"));
  v1::CreateReviewRequest create;
  create.set_parent(kProject);
  create.mutable_review()->set_version(std::string(kSpecification) + "/versions/latest");
  create.mutable_review()->add_steps()->add_reviewers()->set_principal("bob");
  principal_ = "pmo";
  Call(*reviews_, &v1::Reviews::Stub::CreateReview, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  grpc::ClientContext context;
  context.AddMetadata(principal_key_, "pmo");
  const auto stream = imports_->ImportCommits(&context);
  v1::ImportCommitsRequest header;
  header.mutable_header()->set_source("projects/apollo/importSources/old");
  header.mutable_header()->set_bad_path_policy(v1::BAD_PATH_POLICY_SKIP);
  stream->Write(header);
  v1::ImportCommitsRequest commit;
  commit.mutable_commit()->set_source_commit("c1");
  commit.mutable_commit()->mutable_author()->set_id("grace");
  *commit.mutable_commit()->mutable_author_time() = ToTimestamp(fake_clock_.Now());
  *commit.mutable_commit()->mutable_commit_time() = ToTimestamp(fake_clock_.Now());
  commit.mutable_commit()->set_message("Two");
  for (const char* path : {"a.md", "b.md"}) {
    v1::ImportChange& change = *commit.mutable_commit()->add_changes();
    change.set_action(v1::IMPORT_ACTION_WRITE);
    change.set_path(path);
    change.set_data("two");
    change.set_has_data(true);
  }
  stream->Write(commit);
  stream->WritesDone();
  v1::ImportCommitsResponse answer;
  EXPECT_TRUE(stream->Read(&answer));
  while (stream->Read(&answer)) {
  }
  status_ = stream->Finish();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  EXPECT_THAT(Told("pmo"), ElementsAre("REVIEW_ENDED reviews/RVW-0001")) << "and of no document that came";
  EXPECT_THAT(Told("ada"), ElementsAre("REVIEW_ASSIGNED reviews/RVW-0001", "REVIEW_ENDED reviews/RVW-0001"));
  const v1::Notification told = List("ada").notifications(0);
  EXPECT_EQ(told.state(), "VOIDED");
  EXPECT_EQ(told.actor().id(), "grace");
  EXPECT_THAT(Told("grace"), IsEmpty());
}

TEST_F(NotificationsTest, WhoBecomesTheOwnerOfADocumentIsTold) {
  const auto hand_over = [&](const std::string& by, const std::string& to) {
    v1::UpdateDocumentRequest update;
    update.mutable_document()->set_name(kSpecification);
    update.mutable_document()->set_owner(to);
    update.mutable_update_mask()->add_paths("owner");
    principal_ = by;
    Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  };
  CheckInAs("ada", NewAt("a.md", "one"));
  hand_over("ada", "bob");
  CheckInAs("ada", Next("SPC-0001", "two"));
  v1::CheckInRequest for_another = NewAt("b.md", "one");
  for_another.mutable_item()->mutable_new_document()->set_owner("bob");
  CheckInAs("ada", for_another);
  hand_over("carol", "carol");
  Settle();
  EXPECT_THAT(Told("bob"), ElementsAre("ASSIGNED documents/SPC-0001", "ASSIGNED documents/SPC-0002"));
  EXPECT_EQ(List("bob").notifications(0).title(), "b.md");
  EXPECT_EQ(List("bob").notifications(0).actor().id(), "ada");
  for (const char* principal : {"ada", "carol"}) EXPECT_THAT(Told(principal), IsEmpty()) << principal;
  UpdateProject(R"({"name": "projects/apollo", "notificationRule": {"off": ["NOTIFICATION_KIND_ASSIGNED"]}})",
                {"notification_rule"});
  hand_over("ada", "dan");
  UpdateProject(R"({"name": "projects/apollo"})", {"notification_rule"});
  Settle();
  EXPECT_THAT(Told("dan"), IsEmpty());
}

TEST_F(NotificationsTest, WhatIsDueIsToldOnceForEachOfTheDaysAndOverdueToTheManagerToo) {
  Today(2026, 3, 20);
  Make(R"({"action": {"title": "Order the pump", "owner": "bob", "dueDate": "2026-03-31"}})");
  Settle();
  EXPECT_THAT(Told("bob"), ElementsAre("ASSIGNED actions/ACT-0001")) << "eleven days are left";
  const std::vector<std::string> all = {"ASSIGNED actions/ACT-0001", "DUE actions/ACT-0001 2026-03-31",
                                        "DUE actions/ACT-0001 2026-03-31", "OVERDUE actions/ACT-0001 2026-03-31"};
  Today(2026, 3, 24);
  Await("bob", 2);
  Today(2026, 3, 26);
  Settle();
  EXPECT_EQ(Told("bob").size(), 2u) << "told a week before; nothing is new two days later";
  Today(2026, 3, 30);
  Await("bob", 3);
  Today(2026, 4, 1);
  Await("bob", 4);
  Settle();
  EXPECT_EQ(Told("bob"), all);
  EXPECT_THAT(Told("mia"), ElementsAre("OVERDUE actions/ACT-0001 2026-03-31"));

  // Neither another start, nor an index made anew, nor another day tells it again.
  for (const bool anew : {false, true}) {
    Stop();
    if (anew) std::filesystem::remove_all(directory_.path() + "/data/index");
    Today(2026, 4, anew ? 3 : 2);
    Start();
    Settle();
    EXPECT_EQ(Told("bob"), all) << "anew: " << anew;
    EXPECT_EQ(Told("mia").size(), 1u);
  }
  v1::UpdateEntryRequest update;
  update.mutable_entry()->mutable_action()->set_name("projects/apollo/actions/ACT-0001");
  update.mutable_entry()->mutable_action()->set_due_date("2026-04-04");
  update.mutable_update_mask()->add_paths("due_date");
  principal_ = "pmo";
  Call(*registers_, &v1::Registers::Stub::UpdateEntry, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Line(Await("bob", 5).back()), "DUE actions/ACT-0001 2026-04-04") << "another day is another occasion";
}

TEST_F(NotificationsTest, WhatHappensWhileTheServerIsDownIsToldByItsNextStart) {
  Make(R"({"risk": {"title": "Supplier fails", "owner": "bob", "reviewDate": "2026-05-01"}})");
  Await("bob", 1);
  Stop();
  Today(2026, 5, 5);
  Start();
  EXPECT_EQ(Line(Await("bob", 2).back()), "OVERDUE risks/RISK-0001 2026-05-01");
}

TEST_F(NotificationsTest, NobodyIsToldOfAnAssignmentThatAssignsNobody) {
  UpdateProject(R"({"name": "projects/apollo", "traceRule": {"headings": true}, "notificationRule": {
                    "also": [{"kind": "NOTIFICATION_KIND_ASSIGNED", "principals": ["zoe"]}]}})",
                {"trace_rule", "notification_rule"});
  CheckInAs("ada", NewAt("a.md", "# Flow\n\n# Pressure\n"));  // its anchors are a record
  v1::CreateBaselineRequest baseline;
  baseline.set_parent(kProject);
  baseline.set_baseline_id("G1");
  baseline.mutable_baseline()->set_reason("gate");
  principal_ = "pmo";
  Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, baseline);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::CreateMilestoneRequest milestone;
  milestone.set_parent(kProject);
  milestone.mutable_milestone()->set_title("Nobody's");
  Call(*milestones_, &v1::Milestones::Stub::CreateMilestone, milestone);
  milestone.mutable_milestone()->set_title("Of eve");
  milestone.mutable_milestone()->set_responsible("eve");
  v1::UpdateMilestoneRequest nobody;
  *nobody.mutable_milestone() = Call(*milestones_, &v1::Milestones::Stub::CreateMilestone, milestone);
  nobody.mutable_milestone()->clear_responsible();
  nobody.mutable_update_mask()->add_paths("responsible");
  Call(*milestones_, &v1::Milestones::Stub::UpdateMilestone, nobody);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  EXPECT_THAT(Told("zoe"), ElementsAre("ASSIGNED milestones/MST-0002", "ASSIGNED actions/ACT-0001"))
      << "of eve's milestone and of the probe";
  EXPECT_THAT(Told("eve"), ElementsAre("ASSIGNED milestones/MST-0002"));
}

// What is on the disk between two of its appends is what a kill leaves.
TEST_F(NotificationsTest, ACommitThatIsTooMuchForOneAppendIsToldToTheEndAfterAKillInBetween) {
  Stop();
  notify_.append_bytes = 1;  // one notification each
  Start();
  constexpr int kOthers = 20;
  const auto other = [](int i) { return absl::StrCat("p", i / 10, i % 10); };
  std::string also;
  for (int i = 0; i < kOthers; ++i) absl::StrAppend(&also, i > 0 ? "," : "", "\"", other(i), "\"");
  UpdateProject(R"({"name": "projects/apollo", "notificationRule": {
                    "also": [{"kind": "NOTIFICATION_KIND_ASSIGNED", "principals": [)" +
                    also + "]}]}}",
                {"notification_rule"});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  for (int i = 0; i < 2; ++i) {
    v1::CreateWebhookRequest webhook;
    webhook.mutable_webhook()->set_url("https://example.org/");
    webhook.mutable_webhook()->set_paused(true);
    Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, webhook);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  Call(*admin_, &v1::Admin::Stub::FlushRepositories, v1::FlushRepositoriesRequest());
  Inbox& inbox = server_->store().inbox();
  const std::string data = directory_.path() + "/data";
  const std::vector<int> kills = {0, 7, kOthers - 2};
  for (const int kill : kills) {
    inbox.Subscribe(other(kill), [&inbox, data, kill] {
      EXPECT_EQ(inbox.Newest().value_or(0), kill + 2) << "the owner, and those before";
      std::filesystem::copy(data, absl::StrCat(data, kill), std::filesystem::copy_options::recursive);
    });
  }
  Make(R"({"action": {"title": "Order", "owner": "bob"}})");
  Await(other(kOthers - 1), 1);
  for (const int kill : kills) {
    Stop();
    std::filesystem::remove_all(data);
    std::filesystem::rename(absl::StrCat(data, kill), data);
    Start();
    Await(other(kOthers - 1), 1);
    Settle();
    for (int i = 0; i < kOthers; ++i) {
      EXPECT_THAT(Told(other(i)), ElementsAre("ASSIGNED actions/ACT-0001", "ASSIGNED actions/ACT-0002"))
          << other(i) << ", killed behind " << kill;
    }
    EXPECT_THAT(Told("bob"), ElementsAre("ASSIGNED actions/ACT-0001"));
    const auto page = Call(*webhooks_, &v1::Webhooks::Stub::ListWebhooks, v1::ListWebhooksRequest());
    EXPECT_EQ(page.webhooks_size(), 2);
    for (const v1::Webhook& webhook : page.webhooks()) {
      EXPECT_EQ(webhook.waiting_count(), 2 * (kOthers + 1)) << "one for each, killed behind " << kill;
    }
  }
}

TEST_F(NotificationsTest, OwnersOfBothEndsAreToldOfALinkThatBecomesSuspect) {
  CheckInAs("ada", NewAt("a.md", "requirements"));
  CheckInAs("bob", NewAt("b.md", "design"));
  v1::CreateLinkRequest link;
  link.set_parent(kProject);
  link.mutable_link()->set_type(v1::LINK_TYPE_SATISFIES);
  link.mutable_link()->set_from("projects/apollo/documents/SPC-0002");
  link.mutable_link()->set_to(kSpecification);
  principal_ = "lea";
  Call(*trace_, &v1::Trace::Stub::CreateLink, link);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  CheckInAs("carol", Next("SPC-0001", "other requirements"));
  CheckInAs("carol", Next("SPC-0001", "still others"));
  Settle();
  for (const char* principal : {"ada", "bob", "lea", "carol"}) {
    EXPECT_THAT(Told(principal), ElementsAre("LINK_SUSPECT links/LNK-0001")) << principal;
  }
  const v1::Notification told = List("bob").notifications(0);
  EXPECT_EQ(told.title(), "SPC-0002 satisfies SPC-0001");
  EXPECT_EQ(told.detail(), kSpecification);
  EXPECT_EQ(told.state(), "SUSPECT");
}

TEST_F(NotificationsTest, TheHolderIsToldOnceBeforeALockEnds) {
  CheckInAs("ada", NewAt("a.md", "one"));
  v1::LockDocumentRequest lock;
  lock.set_name(kSpecification);
  lock.mutable_time_to_live()->set_seconds(3600);
  Call(*locks_, &v1::Locks::Stub::LockDocument, lock);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  EXPECT_THAT(Told("ada"), IsEmpty());
  fake_clock_.Set(fake_clock_.Now() + Micros{50} * 60 * 1'000'000);
  Await("ada", 1);
  Stop();
  Start();
  // Renewed, it ends another time.
  principal_ = "ada";
  lock.mutable_time_to_live()->set_seconds(601);
  Call(*locks_, &v1::Locks::Stub::LockDocument, lock);
  Await("ada", 2);
  EXPECT_THAT(Told("ada"), ElementsAre("LOCK_EXPIRING documents/SPC-0001", "LOCK_EXPIRING documents/SPC-0001"));
}

TEST_F(NotificationsTest, TheAcceptorIsToldOfASubmissionAndWhoDeliversOfWhatCameOfIt) {
  CheckInAs("ada", NewAt("a.md", "one"));
  v1::CreateDeliverableRequest create;
  create.set_parent(kProject);
  create.mutable_deliverable()->set_title("Specification");
  create.mutable_deliverable()->set_responsible("ada");
  create.mutable_deliverable()->set_acceptor("grace");
  create.mutable_deliverable()->add_documents(kSpecification);
  principal_ = "pmo";
  const v1::Deliverable made = Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::SubmitDeliverableRequest submit;
  submit.set_name(made.name());
  submit.add_versions(std::string(kSpecification) + "/versions/latest");
  principal_ = "ada";
  Call(*deliverables_, &v1::Deliverables::Stub::SubmitDeliverable, submit);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Line(Await("grace", 1).back()), "SUBMITTED deliverables/DLV-0001");
  v1::RejectDeliverableRequest reject;
  reject.set_name(made.name());
  reject.set_comment("the flow is missing");
  principal_ = "grace";
  Call(*deliverables_, &v1::Deliverables::Stub::RejectDeliverable, reject);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Settle();
  EXPECT_THAT(Told("ada"), ElementsAre("ASSIGNED deliverables/DLV-0001", "SUBMITTED deliverables/DLV-0001",
                                       "SUBMISSION_DECIDED deliverables/DLV-0001"));
}

TEST_F(NotificationsTest, TheManagerIsToldWhenASubmissionThatAnyoneMayAcceptIsDue) {
  Today(2026, 3, 20);
  CheckInAs("ada", NewAt("a.md", "one"));
  v1::CreateDeliverableRequest create;
  create.set_parent(kProject);
  create.mutable_deliverable()->set_title("Specification");
  create.mutable_deliverable()->set_responsible("ada");
  create.mutable_deliverable()->set_planned_date("2026-03-31");
  const v1::Deliverable made = Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, create);
  v1::SubmitDeliverableRequest submit;
  submit.set_name(made.name());
  submit.add_versions(std::string(kSpecification) + "/versions/latest");
  Call(*deliverables_, &v1::Deliverables::Stub::SubmitDeliverable, submit);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Await("mia", 1);
  Today(2026, 3, 24);
  Await("ada", 2);
  Settle();
  EXPECT_THAT(Told("ada"), ElementsAre("SUBMITTED deliverables/DLV-0001", "DUE deliverables/DLV-0001 2026-03-31"));
  EXPECT_THAT(Told("mia"), ElementsAre("SUBMITTED deliverables/DLV-0001", "DUE deliverables/DLV-0001 2026-03-31"));
}

TEST_F(NotificationsTest, AProjectsRuleSaysWhatIsOffAndWhoIsToldBeside) {
  UpdateProject(R"({"name": "projects/apollo", "notificationRule": {"dueInDays": [3],
                    "off": ["NOTIFICATION_KIND_OVERDUE", "NOTIFICATION_KIND_ASSIGNED"],
                    "also": [{"kind": "NOTIFICATION_KIND_DUE", "principals": ["zoe"], "manager": true}]}})",
                {"notification_rule"});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Make(R"({"action": {"title": "Order", "owner": "bob", "dueDate": "2026-03-05"}})");
  Make(R"({"action": {"title": "Was due", "owner": "bob", "dueDate": "2026-03-01"}})");
  for (const char* principal : {"bob", "zoe", "mia"}) {
    EXPECT_EQ(Line(Await(principal, 1).back()), "DUE actions/ACT-0001 2026-03-05") << principal;
  }
  // What is switched on again is told at once.
  UpdateProject(R"({"name": "projects/apollo"})", {"notification_rule"});
  EXPECT_EQ(Line(Await("mia", 2).back()), "OVERDUE actions/ACT-0002 2026-03-01");
  const auto refused = [&](const std::string& rule) {
    UpdateProject(R"({"name": "projects/apollo", "notificationRule": )" + rule + "}", {"notification_rule"});
    return Field();
  };
  EXPECT_EQ(refused(R"({"dueInDays": [7, 7]})"), "project.notification_rule.due_in_days[1]");
  EXPECT_EQ(refused(R"({"dueInDays": [366]})"), "project.notification_rule.due_in_days[0]");
  EXPECT_EQ(refused(R"({"lockMinutes": -1})"), "project.notification_rule.lock_minutes");
  EXPECT_EQ(refused(R"({"off": ["NOTIFICATION_KIND_REVIEW_ASSIGNED"]})"), "project.notification_rule.off[0]");
  EXPECT_EQ(refused(R"({"off": [99]})"), "project.notification_rule.off[0]");
  EXPECT_EQ(refused(R"({"also": [{"principals": ["a"]}]})"), "project.notification_rule.also[0].kind");
  EXPECT_EQ(refused(R"({"also": [{"kind": 1, "principals": ["a", "a"]}]})"),
            "project.notification_rule.also[0].principals[1]");
}

TEST_F(NotificationsTest, EachReadsTheirOwnInboxAndMarksItAsRead) {
  for (int i = 0; i < 5; ++i) Make(R"({"action": {"title": "Do", "owner": "bob"}})");
  Make(R"({"action": {"title": "Do", "owner": "ada"}})");
  const std::string others = Await("ada", 1).back().name();
  const std::vector<v1::Notification> told = Await("bob", 5);
  EXPECT_EQ(List("bob").unread_count(), 5);
  v1::ListNotificationsRequest page;
  page.set_page_size(2);
  std::vector<std::string> names;
  do {
    const v1::ListNotificationsResponse answer = List("bob", page);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const v1::Notification& notification : answer.notifications()) names.push_back(notification.name());
    page.set_page_token(answer.next_page_token());
  } while (!page.page_token().empty());
  EXPECT_THAT(names, ElementsAre(told[4].name(), told[3].name(), told[2].name(), told[1].name(), told[0].name()));

  const auto acknowledge = [&](std::vector<std::string> which, const std::string& up_to) {
    v1::AcknowledgeNotificationsRequest request;
    for (const std::string& name : which) request.add_names(name);
    request.set_up_to(up_to);
    principal_ = "bob";
    return Call(*notifications_, &v1::Notifications::Stub::AcknowledgeNotifications, request);
  };
  acknowledge({told[0].name(), others}, "");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND) << "that is ada's";
  EXPECT_EQ(Reason(), "NOTIFICATION_NOT_FOUND");
  EXPECT_EQ(List("bob").unread_count(), 5) << "nothing was half done";
  EXPECT_EQ(acknowledge({told[3].name()}, told[1].name()).acknowledged_count(), 3);
  EXPECT_EQ(acknowledge({told[3].name()}, told[1].name()).acknowledged_count(), 0) << "once is enough";
  acknowledge({"notifications/x"}, "");
  EXPECT_EQ(Field(), "names[0]");
  Stop();
  Start();
  v1::ListNotificationsRequest unread;
  unread.set_unread(true);
  const v1::ListNotificationsResponse left = List("bob", unread);
  EXPECT_EQ(left.unread_count(), 2);
  ASSERT_EQ(left.notifications_size(), 2);
  EXPECT_EQ(left.notifications(0).name(), told[4].name());
  EXPECT_EQ(left.notifications(1).name(), told[2].name());
  unread.set_project("projects/other");
  EXPECT_EQ(List("bob", unread).notifications_size(), 0);
  unread.set_project("other");
  List("bob", unread);
  EXPECT_EQ(Field(), "project");
}

TEST_F(NotificationsTest, AWatcherGoesOnWhereItStopped) {
  Make(R"({"action": {"title": "One", "owner": "bob"}})");
  Await("bob", 1);
  const auto watch = [&](const std::string& cursor, v1::WatchNotificationsResponse& last) {
    grpc::ClientContext context;
    context.AddMetadata("greffe-principal", "bob");
    v1::WatchNotificationsRequest request;
    if (!cursor.empty()) request.set_cursor(cursor);
    request.set_stop_at_end(true);
    const auto stream = notifications_->WatchNotifications(&context, request);
    std::vector<std::string> titles;
    v1::WatchNotificationsResponse response;
    while (stream->Read(&response)) {
      last = response;
      if (response.has_notification()) titles.push_back(response.notification().title());
    }
    status_ = stream->Finish();
    return titles;
  };
  v1::WatchNotificationsResponse last;
  EXPECT_THAT(watch("", last), ElementsAre("One"));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  Make(R"({"action": {"title": "Two", "owner": "bob"}})");
  Settle();
  EXPECT_THAT(watch(last.cursor(), last), ElementsAre("Two"));
  EXPECT_THAT(watch("x", last), IsEmpty());
  EXPECT_EQ(Reason(), "CURSOR_INVALID");
}

TEST_F(NotificationsTest, ACommitIsLookedAtByTheRuleOfItsOwnTime) {
  UpdateProject(R"({"name": "projects/apollo", "notificationRule": {"off": ["NOTIFICATION_KIND_ASSIGNED"]}})",
                {"notification_rule"});
  Make(R"({"action": {"title": "Told to nobody", "owner": "bob"}})");
  Make(R"({"action": {"title": "Was due", "owner": "eve", "dueDate": "2026-03-01"}})");
  Await("eve", 1);  // the place is stored with it
  Make(R"({"action": {"title": "Told to nobody", "owner": "bob"}})");
  UpdateProject(R"({"name": "projects/apollo"})", {"notification_rule"});
  Stop();
  Start();
  Settle();
  EXPECT_THAT(Told("bob"), IsEmpty());
}

TEST_F(NotificationsTest, AnInboxIsBoundedByNumberAndAge) {
  Stop();
  inbox_limits_.count = 3;
  inbox_limits_.days = 30;
  Start();
  for (const char* title : {"1", "2", "3", "4", "5"}) {
    Make(absl::StrCat(R"({"action": {"title": ")", title, R"(", "owner": "bob"}})"));
    Settle();
  }
  const auto titles = [&] {
    std::string all;
    const v1::ListNotificationsResponse page = List("bob");
    for (const v1::Notification& notification : page.notifications()) all += notification.title();
    return all;
  };
  EXPECT_EQ(titles(), "543");
  EXPECT_EQ(List("bob").unread_count(), 3);
  v1::AcknowledgeNotificationsRequest acknowledge;
  acknowledge.add_names(List("bob").notifications(0).name());
  Call(*notifications_, &v1::Notifications::Stub::AcknowledgeNotifications, acknowledge);
  Today(2026, 3, 20);
  Make(R"({"action": {"title": "6", "owner": "bob", "dueDate": "2026-03-19"}})");
  Await("mia", 1);
  EXPECT_EQ(titles(), "665") << "assigned, and overdue";
  EXPECT_EQ(List("bob").unread_count(), 2);

  // A month later what was told before is gone; what is still overdue since then is not told again.
  for (const int month : {5, 7}) {
    Stop();
    Today(2026, month, 20);
    Start();
    // It was off for so long that its clock is believed a day later only.
    Today(2026, month, 22);
    for (int i = 0; i < 2; ++i) Settle();
    EXPECT_EQ(titles(), "") << month;
    EXPECT_EQ(List("bob").unread_count(), 0);
    EXPECT_THAT(Told("mia"), IsEmpty());
  }
}

TEST_F(NotificationsTest, AClockThatIsFarAheadForAWhileTakesNothingAway) {
  Make(R"({"action": {"title": "1", "owner": "bob"}})");
  Await("bob", 1);
  constexpr Micros kSeventyYears = 25'567 * kMicrosPerDay;
  fake_clock_.Jump(kSeventyYears);
  for (int i = 0; i < 2; ++i) Settle();
  fake_clock_.Jump(-kSeventyYears);
  Settle();
  EXPECT_THAT(Told("bob"), ElementsAre("ASSIGNED actions/ACT-0001"));
}

TEST_F(NotificationsTest, ACursorOfAServerThatKnewMoreIsRefused) {
  grpc::ClientContext context;
  v1::WatchNotificationsRequest request;
  request.set_cursor("n:1000000");
  const auto stream = notifications_->WatchNotifications(&context, request);
  v1::WatchNotificationsResponse response;
  EXPECT_FALSE(stream->Read(&response));
  status_ = stream->Finish();
  EXPECT_EQ(Reason(), "CURSOR_INVALID");
}

TEST_F(NotificationsTest, AProjectThatIsTakenUpBeginsWithWhatComes) {
  Make(R"({"action": {"title": "Old", "owner": "bob"}})");
  Await("bob", 1);
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/journal");
  Start();
  Make(R"({"action": {"title": "New", "owner": "bob"}})");
  EXPECT_EQ(Await("bob", 1).back().title(), "New") << "history is no news";
  Stop();
  // Another project comes from a copy of its repository, beside a journal that is there.
  std::filesystem::copy(directory_.path() + "/data/repositories/apollo.git", directory_.path() + "/apollo.git",
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(directory_.path() + "/data");
  Start();
  MakeProject("zeus");
  Stop();
  std::filesystem::copy(directory_.path() + "/apollo.git", directory_.path() + "/data/repositories/apollo.git",
                        std::filesystem::copy_options::recursive);
  Start();
  Settle();
  EXPECT_THAT(Told("bob"), IsEmpty());
}

TEST_F(NotificationsTest, ADigestHasWhatWasToldBeforeTheClockWentBack) {
  Today(2026, 3, 10);
  Make(R"({"action": {"title": "Order the pump", "owner": "bob"}})");
  Await("bob", 1);
  Today(2026, 3, 5);
  Make(R"({"action": {"title": "Order the valve", "owner": "bob"}})");
  Await("bob", 2);
  principal_ = "bob";
  v1::GetDigestRequest request;
  *request.mutable_from() = ToTimestamp(FakeClock::MorningOf(2026, 3, 9));
  *request.mutable_to() = ToTimestamp(FakeClock::MorningOf(2026, 3, 11));
  const v1::Digest digest = Call(*notifications_, &v1::Notifications::Stub::GetDigest, request);
  EXPECT_EQ(digest.notification_count(), 1) << status_.error_message();
  EXPECT_THAT(digest.text(), HasSubstr("Order the pump"));
}

TEST_F(NotificationsTest, ADigestSumsUpByProjectInEnglishAndFrench) {
  Make(R"({"action": {"title": "Order *the* pump", "owner": "bob", "dueDate": "2026-03-03"}})");
  Await("bob", 2);
  v1::GetDigestRequest request;
  principal_ = "bob";
  const v1::Digest english = Call(*notifications_, &v1::Notifications::Stub::GetDigest, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(english.notification_count(), 2);
  EXPECT_EQ(english.text(),
            "# Project apollo\n\n## Due soon (1)\n\n- **ACT-0001** Order \\*the\\* pump, due 2026-03-03, OPEN\n\n"
            "## Assigned (1)\n\n- **ACT-0001** Order \\*the\\* pump, OPEN, by pmo\n");
  request.set_language("fr");
  EXPECT_THAT(Call(*notifications_, &v1::Notifications::Stub::GetDigest, request).text(),
              HasSubstr("## Échéances proches (1)"));
  *request.mutable_to() = ToTimestamp(fake_clock_.Now() - 1);
  EXPECT_EQ(Call(*notifications_, &v1::Notifications::Stub::GetDigest, request).text(), "Rien de nouveau.\n");
  request.set_language("de");
  Call(*notifications_, &v1::Notifications::Stub::GetDigest, request);
  EXPECT_EQ(Field(), "language");
}

}  // namespace
}  // namespace greffe
