#include "storage/store/lock_table.h"

#include <gtest/gtest.h>

namespace greffe {
namespace {

LockChanges Change(const std::string& number, const std::string& request_id, bool released = false) {
  v1::Lock lock;
  lock.set_holder("ada");
  lock.set_request_id(request_id);
  lock.set_request_digest("0123456789abcdef");
  lock.set_released(released);
  return {{number, lock}};
}

// A request whose lock another one has changed since then has nothing to answer with, wherever the two lie.
TEST(GroupLocksTest, ARequestIsFoundAsLongAsItsLockIsWhatItMadeOfIt) {
  LockTable table;
  table.Put("apollo", Change("REC-0001", "in the table"));
  table.Put("apollo", Change("REC-0002", "kept in the table"));
  GroupLocks before(table);
  before.Put(Change("REC-0003", "before"));
  before.Put(Change("REC-0004", "kept before"));
  GroupLocks group(table, &before);
  const auto found = [&group](const std::string& request_id) {
    return group.FindByRequest("apollo", "ada", request_id).has_value();
  };
  EXPECT_TRUE(found("in the table"));
  EXPECT_TRUE(found("before"));
  group.Put(Change("REC-0001", "gives back", true));
  group.Put(Change("REC-0003", "gives back too", true));
  EXPECT_FALSE(found("in the table"));
  EXPECT_FALSE(found("before"));
  EXPECT_TRUE(found("gives back"));
  EXPECT_TRUE(found("kept in the table"));
  EXPECT_TRUE(found("kept before"));
  before.Put(Change("REC-0002", "gives back before", true));
  EXPECT_FALSE(found("kept in the table"));
}

TEST(LockTableTest, ListsThoseInForceInTheOrderOfNumbers) {
  LockTable table;
  const auto put = [&table](const std::string& number, Micros expire_time, bool released) {
    LockChanges change = Change(number, number, released);
    *change.at(number).mutable_expire_time() = ToTimestamp(expire_time);
    change.at(number).set_name(number);
    table.Put("apollo", change);
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
