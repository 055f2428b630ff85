#include "storage/base/time_zone.h"

#include <gtest/gtest.h>

namespace greffe {
namespace {

TEST(TimeZoneTest, NamesOfTheDatabaseAreZones) {
  for (const char* name : {"UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+5"}) {
    EXPECT_TRUE(IsTimeZoneName(name)) << name;
  }
}

TEST(TimeZoneTest, NothingElseIs) {
  for (const char* name :
       {"", "Europe", "Europe/Atlantis", "europe/paris/", "/usr/share/zoneinfo/UTC", "../zoneinfo/UTC", "Europe//Paris",
        "Europe/Par\xc3\xads", "localtime", "right/UTC", "posix/UTC", "zone.tab", "tzdata.zi", "UTC\n", "+02:00"}) {
    EXPECT_FALSE(IsTimeZoneName(name)) << name;
  }
}

}  // namespace
}  // namespace greffe
