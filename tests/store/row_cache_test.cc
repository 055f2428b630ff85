#include "storage/index/row_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace greffe {
namespace {

constexpr std::int64_t kBytes = 1 << 20;

class RowCacheTest : public testing::Test {
 protected:
  std::optional<std::string> Find(std::string_view key) const {
    std::string row;
    return cache_.Find(key, row) ? std::optional(row) : std::nullopt;
  }
  void Keep(std::string_view key, const std::string& row) { cache_.Keep(key, row, cache_.Now(key)); }

  RowCache cache_{kBytes};
};

TEST_F(RowCacheTest, HoldsWhatItWasGivenUntilThatIsWritten) {
  Keep("a", "one");
  Keep("b", "");
  EXPECT_EQ(Find("a"), "one");
  EXPECT_EQ(Find("b"), "");
  EXPECT_EQ(Find("c"), std::nullopt);
  { const RowCache::Writing writing(cache_, {"a", "c"}); }
  EXPECT_EQ(Find("a"), std::nullopt);
  EXPECT_EQ(Find("b"), "");
  Keep("a", "two");
  EXPECT_EQ(Find("a"), "two");
}

TEST_F(RowCacheTest, KeepsNothingOfARowThatIsBeingWritten) {
  Keep("a", "one");
  {
    const RowCache::Writing writing(cache_, {"a"});
    EXPECT_EQ(Find("a"), std::nullopt);
    Keep("a", "one");
    EXPECT_EQ(Find("a"), std::nullopt);
    {
      const RowCache::Writing another(cache_, {"a"});
      Keep("a", "one");
    }
    Keep("a", "one");  // the first one goes on
    EXPECT_EQ(Find("a"), std::nullopt);
  }
  Keep("a", "two");
  EXPECT_EQ(Find("a"), "two");
}

TEST_F(RowCacheTest, KeepsNothingThatWasReadBeforeAWrite) {
  const std::uint64_t before = cache_.Now("a");
  std::optional<RowCache::Writing> writing(std::in_place, cache_, std::vector<std::string_view>{"a"});
  const std::uint64_t meanwhile = cache_.Now("a");
  writing.reset();
  cache_.Keep("a", "one", before);
  cache_.Keep("a", "one", meanwhile);
  EXPECT_EQ(Find("a"), std::nullopt);
}

TEST_F(RowCacheTest, ForgetsAllWhenAllIsWritten) {
  std::vector<std::string> keys;
  for (int i = 0; i < 300; ++i) keys.push_back("row " + std::to_string(i));
  for (const std::string& key : keys) Keep(key, "one");
  {
    const RowCache::Writing writing(cache_);
    for (const std::string& key : keys) {
      EXPECT_EQ(Find(key), std::nullopt) << key;
      Keep(key, "one");
      EXPECT_EQ(Find(key), std::nullopt) << key;
    }
  }
  Keep(keys[0], "two");
  EXPECT_EQ(Find(keys[0]), "two");
}

TEST_F(RowCacheTest, StaysWithinItsBytes) {
  const std::string row(4096, 'x');
  int held = 0;
  for (int i = 0; i < 2000; ++i) Keep("row " + std::to_string(i), row);
  for (int i = 0; i < 2000; ++i) held += Find("row " + std::to_string(i)) ? 1 : 0;
  EXPECT_GT(held, 50);
  EXPECT_LE(held, kBytes / static_cast<std::int64_t>(row.size()));
  Keep("large", std::string(65 << 10, 'x'));
  EXPECT_EQ(Find("large"), std::nullopt);
}

// The database is a number for each key. Who begins to read after a write has ended sees that write, or a later one.
TEST_F(RowCacheTest, IsNeverBehindTheDatabase) {
  constexpr int kKeys = 4;
  constexpr int kWrites = 20'000;
  struct Row {
    std::string key;
    std::atomic<int> value = 0;
    std::atomic<int> written = 0;  // what a write that has ended left
  };
  std::vector<Row> rows(kKeys);
  for (int i = 0; i < kKeys; ++i) rows[static_cast<std::size_t>(i)].key = "row " + std::to_string(i);
  std::atomic<int> writers = 2;
  std::atomic<int> behind = 0;
  const auto write = [&](std::size_t first) {
    for (int i = 1; i <= kWrites; ++i) {
      {
        const RowCache::Writing writing(cache_, {rows[first].key, rows[first + 1].key});
        rows[first].value = i;
        rows[first + 1].value = i;
      }
      rows[first].written = i;
      rows[first + 1].written = i;
    }
    --writers;
  };
  const auto read = [&] {
    std::string held;
    for (std::size_t i = 0; writers > 0; ++i) {
      Row& row = rows[i % kKeys];
      const int least = row.written;
      if (!cache_.Find(row.key, held)) {
        const std::uint64_t now = cache_.Now(row.key);
        held = std::to_string(row.value);
        cache_.Keep(row.key, held, now);
      }
      if (std::stoi(held) < least) ++behind;
    }
  };
  std::vector<std::thread> threads;
  for (const std::size_t first : {0, 2}) threads.emplace_back(write, first);
  for (int i = 0; i < 2; ++i) threads.emplace_back(read);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(behind, 0);
  for (Row& row : rows) {
    std::string held;
    if (!cache_.Find(row.key, held)) continue;  // nobody has read it since
    EXPECT_EQ(held, std::to_string(kWrites));
  }
}

}  // namespace
}  // namespace greffe
