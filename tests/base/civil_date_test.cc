#include "storage/base/civil_date.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace greffe {
namespace {

TEST(CivilDateTest, OnlyDaysThatThereAreAreDates) {
  EXPECT_TRUE(ValidateDate("", "due_date").ok());
  EXPECT_TRUE(ValidateDate("2028-02-29", "due_date").ok());
  for (const char* date : {"2027-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "31/03/2026", "2026-03-31T00:00:00Z",
                           "0000-01-01", "2026-03-3x"}) {
    EXPECT_EQ(ReasonOf(ValidateDate(date, "due_date")), "DATE_INVALID") << date;
  }
}

TEST(CivilDateTest, ADayIsThatOfTheZone) {
  const Micros time = 1'774'994'400'000'000;  // 2026-03-31T22:00:00Z
  EXPECT_EQ(DateAt(time, "UTC"), "2026-03-31");
  EXPECT_EQ(DateAt(time, "Europe/Paris"), "2026-04-01");
  EXPECT_EQ(DateAt(time, "nowhere"), "2026-03-31");
}

TEST(CivilDateTest, DaysAreCountedOverMonthsAndYears) {
  EXPECT_EQ(AddDays("2026-12-31", 1), "2027-01-01");
  EXPECT_EQ(AddDays("2026-03-01", -1), "2026-02-28");
  EXPECT_EQ(DaysBetween("2026-02-28", "2026-03-02"), 2);
  EXPECT_EQ(DaysBetween("2026-03-02", "2026-02-28"), -2);
}

TEST(CivilDateTest, DaysEndWithTheYearsOfFourDigits) {
  constexpr Micros kFirst = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
  constexpr Micros kLast = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999Z
  for (const char* zone : {"UTC", "Europe/Paris", "America/New_York"}) {
    EXPECT_EQ(DateAt(kFirst, zone), "0001-01-01") << zone;
    EXPECT_EQ(DateAt(kLast, zone), "9999-12-31") << zone;
    EXPECT_TRUE(IsTimestamp(ToTimestamp(EndOfDay("0001-01-01", zone)))) << zone;
    EXPECT_TRUE(IsTimestamp(ToTimestamp(EndOfDay("9999-12-31", zone)))) << zone;
  }
  EXPECT_EQ(AddDays("0001-01-03", -7), "0001-01-01");
  EXPECT_EQ(AddDays("9999-12-30", 7), "9999-12-31");
  EXPECT_GT(PastDay("9999-12-31"), "9999-12-31");
  EXPECT_LT(PastDay("9999-12-30"), "9999-12-31");
}

}  // namespace
}  // namespace greffe
