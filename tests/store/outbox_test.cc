#include "storage/store/outbox.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "storage/journal/rocksdb_journal.h"
#include "storage/store/inbox.h"
#include "storage/store/state_keys.h"
#include "storage/store/webhook_rows.h"
#include "tests/store/held_journal.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

constexpr Micros kHour = Micros{3600} * 1'000'000;

class SetClock final : public Clock {
 public:
  Micros Now() const override { return now; }
  Micros now = 1000 * kHour;
};

class OutboxTest : public testing::Test {
 protected:
  void SetUp() override {
    RocksDbJournalOptions options;
    options.directory = directory_.path() + "/journal";
    auto journal = OpenRocksDbJournal(options);
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    held_journal_ = std::make_unique<HeldJournal>(*journal_);
    Load();
    v1::Webhook webhook;
    webhook.set_url("https://example.org/");
    ASSERT_TRUE(outbox_->Create(webhook, "").ok());
  }
  // As a start does.
  void Load() {
    outbox_ = std::make_unique<Outbox>(OutboxLimits{}, *held_journal_, clock_);
    ASSERT_TRUE(outbox_->Load().ok());
  }
  void Tell(int number) {
    v1::Notification notification;
    notification.set_name("notifications/" + std::to_string(number));
    ASSERT_TRUE(outbox_->Append(NewServerGroup(), {notification}).ok());
  }
  // What is due first; nothing: "".
  std::string Take() {
    auto due = outbox_->TakeDue(10, kHour);
    EXPECT_TRUE(due.ok()) << due.status();
    if (!due.ok() || due->empty()) return "";
    taken_ = due->front();
    return taken_.delivery.notification().name();
  }
  void Fail(std::optional<Micros> next) {
    v1::DeliveryAttempt attempt;
    *attempt.mutable_time() = ToTimestamp(clock_.now);
    attempt.set_reason("STATUS");
    ASSERT_TRUE(outbox_->Failed(taken_, attempt, next).ok());
  }
  v1::Webhook Webhook() { return outbox_->Find("WHK-0001").value_or(v1::Webhook()); }

  TemporaryDirectory directory_;
  SetClock clock_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<HeldJournal> held_journal_;
  std::unique_ptr<Outbox> outbox_;
  DueDelivery taken_;
};

TEST_F(OutboxTest, WhatCameWhileTheClockWasAheadDoesNotWaitUntilItIsThereAgain) {
  const Micros now = clock_.now;
  clock_.now += 24 * kHour;
  Tell(1);
  ASSERT_EQ(Take(), "notifications/1");
  Fail(clock_.now + kHour / 2);
  Tell(2);
  Tell(3);
  clock_.now = now;
  EXPECT_EQ(outbox_->NextTime(kHour), now);
  ASSERT_EQ(Take(), "notifications/1");
  Fail(clock_.now + kHour / 2);
  ASSERT_NE(Take(), "") << "though another one waits for its time";
  Load();
  ASSERT_EQ(Take(), "notifications/2");
  ASSERT_TRUE(outbox_->Delivered(taken_).ok());
  ASSERT_EQ(Take(), "notifications/3");
  ASSERT_TRUE(outbox_->Delivered(taken_).ok());
  EXPECT_EQ(Take(), "") << "its half hour is not over";
  EXPECT_EQ(outbox_->NextTime(kHour), now + kHour / 2);
}

TEST_F(OutboxTest, AFailureIsForgottenForGoodOnceADeliveryCameThrough) {
  Tell(1);
  ASSERT_EQ(Take(), "notifications/1");
  Fail(std::nullopt);
  Load();
  EXPECT_EQ(Webhook().failure().reason(), "STATUS");
  EXPECT_EQ(Webhook().dead_count(), 1);
  Tell(2);
  ASSERT_EQ(Take(), "notifications/2");
  ASSERT_TRUE(outbox_->Delivered(taken_).ok());
  EXPECT_FALSE(Webhook().has_failure());
  Load();
  EXPECT_FALSE(Webhook().has_failure()) << "the dead letter is older";
  EXPECT_EQ(Webhook().dead_count(), 1);
}

TEST_F(OutboxTest, ManyWebhooksThatFailLeavePlacesToTheOthers) {
  constexpr int kPlaces = 64;
  for (int i = 1; i < kPlaces; ++i) {
    v1::Webhook webhook;
    webhook.set_url("https://hangs.example.org/");
    ASSERT_TRUE(outbox_->Create(webhook, "").ok());
  }
  Tell(1);
  Tell(2);
  const auto first = outbox_->TakeDue(kPlaces, kHour);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->size(), kPlaces);
  for (const DueDelivery& due : *first) {
    taken_ = due;
    Fail(clock_.now + kHour);
  }
  ++clock_.now;
  v1::Webhook webhook;
  webhook.set_url("https://answers.example.org/");
  ASSERT_TRUE(outbox_->Create(webhook, "").ok());
  Tell(3);
  const auto second = outbox_->TakeDue(kPlaces, kHour);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_LT(second->size(), kPlaces);
  EXPECT_EQ(second->back().webhook.url(), webhook.url()) << "though all others have waited for longer";
  EXPECT_FALSE(outbox_->NextTime(kHour).has_value()) << "those without a place wait for one that ends";
  taken_ = second->front();
  Fail(clock_.now + kHour);
  EXPECT_EQ(outbox_->TakeDue(kPlaces, kHour)->size(), 1U);
}

TEST_F(OutboxTest, ARowThatIsDamagedGoesWithItsWebhook) {
  Tell(1);
  CommitGroup damage = NewServerGroup();
  damage.state.push_back({DeliveryKey("WHK-0001", 1), std::string("\xff")});
  ASSERT_TRUE(journal_->Append(damage).ok());
  EXPECT_TRUE(absl::IsDataLoss(outbox_->TakeDue(10, kHour).status()));
  ASSERT_TRUE(outbox_->Delete("WHK-0001").ok());
  const auto rows = journal_->ScanState(DeliveryPrefix("WHK-0001"), "", 10);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_TRUE(rows->empty());
}

TEST_F(OutboxTest, WhoOnlyLooksWaitsForNoAppend) {
  Inbox inbox(InboxLimits{}, *held_journal_, *outbox_, clock_);
  const auto tell = [&inbox](const std::string& key) {
    v1::Notification notification;
    notification.set_recipient("bob");
    notification.set_key(key);
    return inbox.Tell({notification}, {}, false).status();
  };
  ASSERT_TRUE(tell("one").ok());
  ASSERT_EQ(Take(), "notifications/1");
  // Has `write` wait for its sync and looks meanwhile; with `status` it fails then.
  const auto look_during = [&](const std::function<absl::Status()>& write, const absl::Status& status,
                               const std::function<void()>& look) {
    held_journal_->Hold("_server");
    std::future<absl::Status> written = std::async(std::launch::async, write);
    held_journal_->AwaitHeld();
    std::future<void> looked = std::async(std::launch::async, look);
    EXPECT_EQ(looked.wait_for(std::chrono::seconds(60)), std::future_status::ready);
    held_journal_->Release(status);
    EXPECT_EQ(written.get(), status);
  };
  const auto expect = [&](std::int64_t told, std::int64_t waiting, std::int64_t dead) {
    EXPECT_EQ(inbox.Newest().value_or(-1), told);
    EXPECT_EQ(inbox.CountUnread("bob").value_or(-1), told);
    EXPECT_EQ(inbox.List("bob", {}, 0, 10)->size(), static_cast<std::size_t>(told));
    const v1::Webhook webhook = Webhook();
    EXPECT_EQ(webhook.waiting_count(), waiting);
    EXPECT_EQ(webhook.dead_count(), dead);
    ASSERT_EQ(outbox_->List("", 10).size(), 1u);
    EXPECT_EQ(outbox_->ListDead("", {}, 10)->size(), static_cast<std::size_t>(dead));
  };
  const auto expect_first = [&] { expect(1, 1, 0); };
  const absl::Status full = absl::ResourceExhaustedError("no room");
  look_during([&] { return tell("two"); }, full, expect_first);
  expect_first();
  look_during([&] { return tell("two"); }, absl::OkStatus(), expect_first);
  expect(2, 2, 0);
  look_during(
      [&] {
        v1::DeliveryAttempt attempt;
        attempt.set_reason("STATUS");
        return outbox_->Failed(taken_, attempt, std::nullopt);
      },
      absl::OkStatus(), [&] { expect(2, 2, 0); });
  expect(2, 1, 1);
  EXPECT_EQ(Webhook().failure().reason(), "STATUS");
  look_during([&] { return outbox_->Retry("WHK-0001", {1}).status(); }, absl::OkStatus(), [&] { expect(2, 1, 1); });
  expect(2, 2, 0);
  ASSERT_EQ(Take(), "notifications/1");
  look_during([&] { return outbox_->Delivered(taken_); }, absl::OkStatus(), [&] { expect(2, 2, 0); });
  expect(2, 1, 0);
  EXPECT_FALSE(Webhook().has_failure());
}

}  // namespace
}  // namespace greffe
