#include "storage/index/tally.h"

#include <gtest/gtest.h>

#include <limits>

namespace greffe {
namespace {

TEST(TallyTest, ARowGivesTheCountsThatWentIntoIt) {
  Tally tally;
  tally.sequence = 4711;
  tally.Add("state/OPEN", 3);
  tally.Add("due/2026-04", -7);
  tally.Add("due/2026-03", std::numeric_limits<std::int64_t>::max());
  tally.Add("", 1);
  const std::string row = tally.Encode();
  const absl::StatusOr<Tally> decoded = Tally::Decode(row);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->sequence, 4711);
  EXPECT_EQ(decoded->counts, tally.counts);
  EXPECT_EQ(Tally::SequenceOf(row).value_or(0), 4711);
  EXPECT_EQ((*decoded)["due/2026-04"], -7);
  EXPECT_EQ((*decoded)["due/2026-05"], 0);
}

TEST(TallyTest, ACountOfNothingIsNone) {
  Tally tally;
  tally.Add("open", 0);
  tally.Add("open", 2);
  tally.Add("open", -2);
  EXPECT_TRUE(tally.counts.empty());
}

TEST(TallyTest, ADamagedRowIsNamed) {
  Tally tally;
  tally.Add("state/OPEN", 300);
  const std::string row = tally.Encode();
  for (std::size_t size = 2; size < row.size(); ++size) {
    EXPECT_TRUE(absl::IsUnavailable(Tally::Decode(row.substr(0, size)).status())) << size;
  }
  EXPECT_TRUE(absl::IsUnavailable(Tally::Decode("").status()));
  EXPECT_TRUE(absl::IsUnavailable(Tally::Decode(std::string("\0\5\1a\2", 5)).status())) << "shares what is not there";
}

}  // namespace
}  // namespace greffe
