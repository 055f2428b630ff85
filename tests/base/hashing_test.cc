#include "storage/base/hashing.h"

#include <gtest/gtest.h>

namespace greffe {
namespace {

TEST(HashingTest, BlobIdIsWhatGitSays) {
  // printf 'hello\n' | git hash-object --stdin
  EXPECT_EQ(HashObject(ObjectType::kBlob, "hello\n").Hex(), "ce013625030ba8dba906f756967f9e9ca394464a");
}

TEST(HashingTest, EmptyTreeIdIsWhatGitSays) {
  EXPECT_EQ(HashObject(ObjectType::kTree, "").Hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

TEST(HashingTest, Sha256OfAbcIsTheStandardsExample) {
  EXPECT_EQ(Sha256Of("abc").Hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashingTest, Crc32cOfCheckStringIsRfc3720s) { EXPECT_EQ(Crc32c("123456789"), 0xE3069283u); }

TEST(HashingTest, Crc32cExtendsPiecewise) { EXPECT_EQ(ExtendCrc32c(Crc32c("12345"), "6789"), Crc32c("123456789")); }

TEST(HashingTest, BlobHasherAgreesWithWholeBufferHashes) {
  BlobHasher hasher(6);
  hasher.Update("hel");
  hasher.Update("lo\n");
  const BlobHasher::Result result = hasher.Finish();
  EXPECT_EQ(result.oid, HashObject(ObjectType::kBlob, "hello\n"));
  EXPECT_EQ(result.sha256, Sha256Of("hello\n"));
}

TEST(OidTest, HexOfWrongLengthOrDigitsIsRefused) {
  EXPECT_FALSE(Oid::FromHex("ce0136").has_value());
  EXPECT_FALSE(Oid::FromHex("zz013625030ba8dba906f756967f9e9ca394464a").has_value());
  EXPECT_TRUE(Oid::FromHex("ce013625030ba8dba906f756967f9e9ca394464a").has_value());
}

}  // namespace
}  // namespace greffe
