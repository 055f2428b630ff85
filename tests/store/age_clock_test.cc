#include "storage/store/age_clock.h"

#include <gtest/gtest.h>

#include <memory>

#include "storage/base/hashing.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/inbox.h"
#include "storage/store/outbox.h"
#include "storage/store/uploads.h"
#include "tests/scenario/fake_clock.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

constexpr Micros kHour = kMicrosPerDay / 24;
constexpr Micros kStart = 20'000 * kMicrosPerDay;
constexpr Micros kSeventyYears = 25'567 * kMicrosPerDay;

class AgeClockTest : public testing::Test {
 protected:
  void Pass(Micros time) { clock_.Set(clock_.Now() + time); }

  FakeClock clock_{kStart};
  AgeClock ages_{clock_};
};

TEST_F(AgeClockTest, IsTheClockWhileThatGoesOn) {
  ages_.Begin(kStart - kHour);
  EXPECT_EQ(ages_.Now(), kStart);
  Pass(100 * kMicrosPerDay);
  EXPECT_EQ(ages_.Now(), kStart + 100 * kMicrosPerDay);
  clock_.Jump(-kHour);
  EXPECT_EQ(ages_.Now(), clock_.Now()) << "it was put back";
}

TEST_F(AgeClockTest, AClockThatIsFarAheadForAWhileMakesNothingOld) {
  ages_.Begin(0);
  clock_.Jump(kSeventyYears);
  EXPECT_EQ(ages_.Now(), kStart);
  Pass(23 * kHour);
  EXPECT_EQ(ages_.Now(), kStart + 23 * kHour);
  clock_.Jump(-kSeventyYears);
  EXPECT_EQ(ages_.Now(), kStart + 23 * kHour);
  // A day of the next time is a day from its beginning on.
  clock_.Jump(kSeventyYears);
  Pass(2 * kHour);
  EXPECT_EQ(ages_.Now(), kStart + 25 * kHour);
}

TEST_F(AgeClockTest, AClockThatStaysAheadOfWhatWasRecordedIsBelievedAfterADay) {
  const Micros newest = kStart - 100 * kMicrosPerDay;
  ages_.Begin(newest);
  EXPECT_EQ(ages_.Now(), newest);
  Pass(23 * kHour);
  EXPECT_EQ(ages_.Now(), newest + 23 * kHour);
  Pass(kHour);
  EXPECT_EQ(ages_.Now(), clock_.Now());
  Pass(kHour);
  EXPECT_EQ(ages_.Now(), clock_.Now());
}

TEST_F(AgeClockTest, AClockThatIsFarAheadForAWhileTakesNothingAway) {
  const TemporaryDirectory directory;
  auto opened = OpenRocksDbJournal({.directory = directory.path() + "/journal"});
  ASSERT_TRUE(opened.ok()) << opened.status();
  Journal& journal = **opened;
  Outbox outbox(OutboxLimits{}, journal, clock_);
  Inbox inbox(InboxLimits{}, journal, outbox, clock_);
  ContentSeals seals;
  UploadOptions options;
  options.directory = directory.path() + "/uploads";
  Uploads uploads(options, journal, clock_, seals,
                  [](std::string_view, const BlobHasher::Result&) { return absl::OkStatus(); });
  ASSERT_TRUE(uploads.Recover().ok());
  ages_.Begin(0);

  v1::Webhook webhook;
  webhook.set_url("https://example.org/");
  ASSERT_TRUE(outbox.Create(webhook, "").ok());
  v1::Notification notification;
  notification.set_recipient("bob");
  ASSERT_TRUE(inbox.Tell({notification}, {}, true).ok());
  const auto due = outbox.TakeDue(1, kHour);
  ASSERT_TRUE(due.ok() && due->size() == 1);
  v1::DeliveryAttempt attempt;
  *attempt.mutable_time() = ToTimestamp(clock_.Now());
  ASSERT_TRUE(outbox.Failed(due->front(), attempt, std::nullopt).ok());
  const auto upload = uploads.Create("apollo", 4, "", "");
  ASSERT_TRUE(upload.ok()) << upload.status();

  const auto remove = [&] {
    EXPECT_TRUE(inbox.RemoveOld(ages_.Now()).ok());
    EXPECT_TRUE(outbox.RemoveOld(ages_.Now()).ok());
    return uploads.RemoveExpired(ages_.Now());
  };
  const auto left = [&] {
    const auto told = inbox.List("bob", {}, 0, 10);
    const auto dead = outbox.ListDead("", {}, 10);
    return told.ok() && dead.ok() ? told->size() + dead->size() : 0;
  };
  clock_.Jump(kSeventyYears);
  EXPECT_EQ(remove(), 0);
  clock_.Jump(-kSeventyYears);
  EXPECT_EQ(remove(), 0);
  EXPECT_EQ(left(), 2U);
  Pass(1000 * kMicrosPerDay);
  EXPECT_EQ(remove(), 1);
  EXPECT_EQ(left(), 0U);
}

}  // namespace
}  // namespace greffe
