#include "storage/store/lock_table.h"

#include <gtest/gtest.h>

namespace greffe {
namespace {

LockChanges Change(const std::string& number, Micros expire_time, bool released = false) {
  v1::Lock lock;
  lock.set_name(number);
  lock.set_holder("ada");
  *lock.mutable_expire_time() = ToTimestamp(expire_time);
  lock.set_released(released);
  return {{number, lock}};
}

constexpr Micros kNow = 1000 * kMicrosPerDay;

TEST(LockTableTest, KeepsNothingOfOneThatWasGivenBack) {
  LockTable table;
  table.Put("apollo", Change("REC-0001", kNow));
  EXPECT_TRUE(table.Find("apollo", "REC-0001"));
  const LockChanges given_back = Change("REC-0001", kNow, true);
  table.Put("apollo", given_back);
  EXPECT_FALSE(table.Find("apollo", "REC-0001"));
  EXPECT_FALSE(LockTable::Row("apollo", "REC-0001", given_back.at("REC-0001")).value) << "its row goes";
  EXPECT_TRUE(table.ListForgotten("apollo", kNow + 100 * kMicrosPerDay).empty());
}

TEST(GroupLocksTest, ForgetsSomeThatAreOverForLongAndThatNoActOfTheGroupChanged) {
  LockTable table;
  for (int i = 10; i < 30; ++i) table.Put("apollo", Change("REC-00" + std::to_string(i), kNow - i * kMicrosPerDay));
  table.Put("apollo", Change("REC-0001", kNow - kMicrosPerDay));
  table.Put("apollo", Change("REC-0002", kNow + kMicrosPerDay));
  GroupLocks before(table);
  before.Put(Change("REC-0029", kNow + kMicrosPerDay));
  GroupLocks group(table, &before);
  group.Put(Change("REC-0028", kNow + kMicrosPerDay));
  int forgotten = 0;
  for (LockChanges some = group.Forget("apollo", kNow); !some.empty(); some = group.Forget("apollo", kNow)) {
    EXPECT_LE(some.size(), 10U);
    for (const auto& [number, lock] : some) EXPECT_TRUE(lock.released()) << number;
    forgotten += static_cast<int>(some.size());
    table.Put("apollo", some);
  }
  EXPECT_EQ(forgotten, 18);
  for (const std::string number : {"REC-0001", "REC-0002", "REC-0028", "REC-0029"}) {
    EXPECT_TRUE(group.Find("apollo", number)) << number;
  }
  EXPECT_FALSE(group.Find("apollo", "REC-0020"));
}

TEST(LockTableTest, ListsThoseInForceInTheOrderOfNumbers) {
  LockTable table;
  const auto put = [&table](const std::string& number, Micros expire_time, bool released) {
    table.Put("apollo", Change(number, expire_time, released));
  };
  const auto list = [&table](Micros now, const std::string& after = "") {
    std::string numbers;
    for (const v1::Lock& lock : table.List("apollo", after, "", 10, now)) numbers += lock.name() + " ";
    return numbers;
  };
  const Micros now = 1000 * kMicrosPerDay;
  put("REC-0002", now + 1, false);
  put("REC-0001", now + 1, false);
  put("REC-0003", now + 1, true);
  put("REC-0004", now, false);
  EXPECT_EQ(list(now), "REC-0001 REC-0002 ");
  EXPECT_EQ(list(now, "REC-0001"), "REC-0002 ");
  EXPECT_EQ(list(now - 1), "REC-0001 REC-0002 REC-0004 ") << "the clock may be put back";
  EXPECT_EQ(list(now + 30 * kMicrosPerDay), "");
  put("REC-0001", now + 31 * kMicrosPerDay, false);
  EXPECT_EQ(list(now + 30 * kMicrosPerDay), "REC-0001 ") << "locked again, it is listed again";
  put("REC-0001", now + 31 * kMicrosPerDay, true);
  EXPECT_EQ(list(now + 30 * kMicrosPerDay), "");
}

}  // namespace
}  // namespace greffe
