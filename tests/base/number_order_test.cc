#include "storage/base/number_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace greffe {
namespace {

TEST(NumberOrderTest, RunsOfDigitsCompareAsNumbers) {
  const std::vector<std::string> sorted = {"1",     "1-A",    "2",       "9",         "10",
                                           "10-2",  "10-10",  "A",       "A-1",       "A-2",
                                           "A-10",  "A-10B",  "A-10B-3", "A-11",      "A2",
                                           "A10",   "B",      "SPC-007", "SPC-7",     "SPC-08",
                                           "SPC-9", "SPC-10", "SPC-100", "SPC-100-1", "SPC-99999999999999999999"};
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    EXPECT_LT(NumberOrder(sorted[i - 1]), NumberOrder(sorted[i])) << sorted[i - 1] << " before " << sorted[i];
  }
}

TEST(NumberOrderTest, TheNumberIsAtItsEndAndNoTwoAreEqual) {
  for (const std::string& number : {std::string("SPC-007"), std::string("SPC-7"), std::string("0"), std::string("00"),
                                    std::string("A.0.1"), std::string(64, '9')}) {
    EXPECT_EQ(NumberOfOrder(NumberOrder(number)), number);
  }
  EXPECT_NE(NumberOrder("SPC-007"), NumberOrder("SPC-7"));
  EXPECT_NE(NumberOrder("0"), NumberOrder("00"));
}

}  // namespace
}  // namespace greffe
