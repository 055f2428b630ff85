#include "storage/base/oid.h"

#include <gtest/gtest.h>

#include <string>

namespace greffe {
namespace {

constexpr char kHex[] = "00112233445566778899aabbccddeeff01234567";

TEST(OidTest, HexAndRawComeBack) {
  const auto oid = Oid::FromHex(kHex);
  ASSERT_TRUE(oid);
  EXPECT_EQ(oid->Hex(), kHex);
  EXPECT_EQ(Oid::FromRaw(oid->Raw()), oid);
  EXPECT_EQ(Oid::FromHex("00112233445566778899AABBCCDDEEFF01234567"), oid) << "case does not matter";
}

TEST(OidTest, OnlyExactlySoManyDigitsAreOne) {
  const std::string hex = kHex;
  for (const std::string& bad : {std::string(), hex.substr(1), hex + "0", "g" + hex.substr(1), " " + hex.substr(1)}) {
    EXPECT_FALSE(Oid::FromHex(bad)) << bad;
  }
  EXPECT_FALSE(Oid::FromRaw(std::string(19, 'x')));
  EXPECT_FALSE(Sha256::FromHex(kHex)) << "a SHA-256 is longer";
}

TEST(OidTest, ZeroIsNone) {
  EXPECT_TRUE(Oid{}.IsZero());
  EXPECT_FALSE(Oid::FromHex(kHex)->IsZero());
  EXPECT_LT(Oid{}, *Oid::FromHex(kHex));
}

}  // namespace
}  // namespace greffe
