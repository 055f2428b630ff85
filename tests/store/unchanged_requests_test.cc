#include "storage/store/unchanged_requests.h"

#include <gtest/gtest.h>

#include "storage/journal/rocksdb_journal.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

class UnchangedRequestsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto journal = OpenRocksDbJournal({.directory = directory_.path() + "/journal"});
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }

  absl::Status Append(const std::vector<StateChange>& changes) {
    CommitGroup group;
    group.repository = "apollo";
    group.state = changes;
    return journal_->Append(group);
  }
  static std::vector<StateChange> Changes(const UnchangedRequests& requests, const std::string& id, Micros time) {
    std::vector<StateChange> changes = requests.Oldest(1);
    changes.push_back(UnchangedRequests::Row("apollo", id, {7, time, "digest of " + id}));
    return changes;
  }
  void Remember(UnchangedRequests& requests, const std::string& id, Micros time) {
    const std::vector<StateChange> changes = Changes(requests, id, time);
    ASSERT_TRUE(Append(changes).ok());
    requests.Put(changes);
  }
  std::size_t Rows() { return journal_->ScanState("unchanged/", "", 100)->size(); }

  TemporaryDirectory directory_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(UnchangedRequestsTest, TheNewestAreKnownAfterARestartToo) {
  UnchangedRequests requests(2);
  for (int i = 1; i <= 4; ++i) Remember(requests, "r-" + std::to_string(i), i);
  EXPECT_EQ(Rows(), 2U);
  UnchangedRequests loaded(2);
  ASSERT_TRUE(loaded.Load(*journal_, 4).ok());
  for (const UnchangedRequests* known : {&requests, &loaded}) {
    EXPECT_FALSE(known->Find("apollo", "r-2"));
    EXPECT_FALSE(known->Find("gemini", "r-4"));
    ASSERT_TRUE(known->Find("apollo", "r-3"));
    ASSERT_TRUE(known->Find("apollo", "r-4"));
    EXPECT_EQ(known->Find("apollo", "r-4")->sequence, 7);
    EXPECT_EQ(known->Find("apollo", "r-4")->digest, "digest of r-4");
  }
}

// Two appends at a time make room for one: both come in.
TEST_F(UnchangedRequestsTest, WhatIsTooManyGoesWithTheNextOne) {
  UnchangedRequests requests(2);
  Remember(requests, "r-1", 1);
  Remember(requests, "r-2", 2);
  const auto third = Changes(requests, "r-3", 3);
  const auto fourth = Changes(requests, "r-4", 4);
  ASSERT_TRUE(Append(third).ok());
  ASSERT_TRUE(Append(fourth).ok());
  requests.Put(third);
  requests.Put(fourth);
  EXPECT_EQ(Rows(), 3U);
  Remember(requests, "r-5", 5);
  EXPECT_EQ(Rows(), 2U);
  EXPECT_FALSE(requests.Find("apollo", "r-3"));
  EXPECT_TRUE(requests.Find("apollo", "r-4"));
}

// They would be the newest for years.
TEST_F(UnchangedRequestsTest, RowsOfAClockThatWasAheadGoFirst) {
  UnchangedRequests ahead(2);
  constexpr Micros kNow = 1000 * kMicrosPerDay;
  Remember(ahead, "f-1", 2 * kNow);
  Remember(ahead, "f-2", 3 * kNow);
  UnchangedRequests requests(2);
  ASSERT_TRUE(requests.Load(*journal_, kNow).ok());
  EXPECT_TRUE(requests.Find("apollo", "f-1")) << "while there is room";
  Remember(requests, "r-1", kNow + 1);
  EXPECT_TRUE(requests.Find("apollo", "r-1"));
  Remember(requests, "r-2", kNow + 2);
  UnchangedRequests loaded(2);
  ASSERT_TRUE(loaded.Load(*journal_, kNow - 3).ok());  // that it went back a little changes no order
  Remember(loaded, "r-3", kNow + 3);
  for (const char* id : {"f-1", "f-2", "r-1"}) EXPECT_FALSE(loaded.Find("apollo", id)) << id;
  for (const char* id : {"r-2", "r-3"}) EXPECT_TRUE(loaded.Find("apollo", id)) << id;
}

TEST_F(UnchangedRequestsTest, ARowThatIsNoneIsDamage) {
  ASSERT_TRUE(Append({{"unchanged/apollo/r-1", "nothing of that kind"}}).ok());
  UnchangedRequests requests;
  EXPECT_TRUE(absl::IsDataLoss(requests.Load(*journal_, 1)));
}

}  // namespace
}  // namespace greffe
