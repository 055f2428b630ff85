#include "storage/base/zip_format.h"

#include <gtest/gtest.h>

namespace greffe {
namespace {

constexpr Micros kTime = 1'774'958'400'000'000;  // 2026-03-31T12:00:00Z

std::string Hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char c : bytes) {
    hex += kDigits[c >> 4];
    hex += kDigits[c & 15];
  }
  return hex;
}

TEST(ZipFormatTest, TheCrcIsThatOfZip) {
  EXPECT_EQ(ExtendCrc32(0, ""), 0u);
  EXPECT_EQ(ExtendCrc32(0, "123456789"), 0xcbf43926u);
  EXPECT_EQ(ExtendCrc32(ExtendCrc32(0, "1234"), "56789"), 0xcbf43926u);
}

TEST(ZipFormatTest, AHeaderIsAsTheFormatHasIt) {
  const ZipEntry entry{"a", 9, 0, 0xcbf43926};
  EXPECT_EQ(Hex(ZipHeader(entry, kTime)),
            "504b0304"
            "1400"
            "0008"
            "0000"
            "0060"
            "7f5c"
            "2639f4cb"
            "09000000"
            "09000000"
            "0100"
            "0000"
            "61");
}

TEST(ZipFormatTest, WhatIsLargeTakesTheLongForms) {
  constexpr std::int64_t kHuge = std::int64_t{5} << 30;
  const std::string small = ZipHeader({"a", 9, 0, 0}, kTime);
  EXPECT_EQ(ZipHeader({"a", kHuge, 0, 0}, kTime).size(), small.size() + 20);
  const std::size_t plain = ZipDirectory({{"a", 9, 0, 0}}, kTime, 100).size();
  EXPECT_EQ(ZipDirectory({{"a", 9, kHuge, 0}}, kTime, 100).size(), plain + 12);
  EXPECT_EQ(ZipDirectory({{"a", 9, 0, 0}}, kTime, kHuge).size(), plain + 56 + 20);
  EXPECT_EQ(ZipDirectory(std::vector<ZipEntry>(70'000, {"a", 9, 0, 0}), kTime, 100).size(),
            70'000 * (plain - 22) + 22 + 56 + 20);
}

TEST(ZipFormatTest, LengthsDoNotDependOnCrcs) {
  EXPECT_EQ(ZipHeader({"a", 9, 0, 0}, kTime).size(), ZipHeader({"a", 9, 0, 0xffffffff}, kTime).size());
  EXPECT_EQ(ZipDirectory({{"a", 9, 0, 0}}, kTime, 1).size(), ZipDirectory({{"a", 9, 0, 0xffffffff}}, kTime, 1).size());
}

}  // namespace
}  // namespace greffe
