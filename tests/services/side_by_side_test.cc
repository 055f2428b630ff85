#include "services/call/side_by_side.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace greffe {
namespace {

TEST(SideBySideTest, EachIsDoneOnceAlsoWhereEveryThreadOfThePoolAsks) {
  constexpr std::size_t kCount = 100;
  constexpr int kCallers = 4;
  WorkerPool pool(2, 8);
  std::vector<std::atomic<int>> done(kCount);
  const auto task = [&done](std::size_t i) { ++done[i]; };
  std::atomic<std::size_t> callers = 0;
  SideBySide(pool, kCallers, kCallers, [&](std::size_t) {
    SideBySide(pool, kCount, 3, task);
    ++callers;
  });
  EXPECT_EQ(callers, static_cast<std::size_t>(kCallers));
  for (const std::atomic<int>& times : done) EXPECT_EQ(times, kCallers);
}

TEST(SideBySideTest, APoolThatTakesNothingLeavesItToTheCaller) {
  WorkerPool pool(1, 0);
  int done = 0;
  SideBySide(pool, 5, 3, [&done](std::size_t) { ++done; });
  EXPECT_EQ(done, 5);
  SideBySide(pool, 0, 3, [&done](std::size_t) { ++done; });
  EXPECT_EQ(done, 5);
}

}  // namespace
}  // namespace greffe
