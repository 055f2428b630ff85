#include "storage/store/content_seals.h"

#include <gtest/gtest.h>

#include <random>

namespace greffe {
namespace {

std::string RandomBytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::shared_ptr<const ContentSeal> SealOf(std::string_view content, std::size_t piece) {
  ContentSealer sealer;
  for (std::size_t at = 0; at < content.size(); at += piece) sealer.Update(content.substr(at, piece));
  return sealer.Finish();
}

TEST(ContentSealsTest, ABlockMatchesItsOwnSealAlone) {
  const std::string content = RandomBytes(2 * kSealedBlockBytes + 1234);
  const std::string_view whole = content;
  for (const std::size_t piece : {std::size_t{777}, std::size_t{kSealedBlockBytes}, content.size()}) {
    const auto seal = SealOf(content, piece);
    EXPECT_TRUE(seal->Matches(0, whole.substr(0, kSealedBlockBytes)));
    EXPECT_TRUE(seal->Matches(1, whole.substr(kSealedBlockBytes, kSealedBlockBytes)));
    EXPECT_TRUE(seal->Matches(2, whole.substr(2 * kSealedBlockBytes)));
    EXPECT_FALSE(seal->Matches(0, whole.substr(kSealedBlockBytes, kSealedBlockBytes))) << "another block's bytes";
    EXPECT_FALSE(seal->Matches(2, whole.substr(2 * kSealedBlockBytes, 1000))) << "not all of it";
    EXPECT_FALSE(seal->Matches(3, ""));
    EXPECT_FALSE(seal->Matches(-1, ""));
  }
}

TEST(ContentSealsTest, EachBitCounts) {
  std::string content = RandomBytes(5000);
  const auto seal = SealOf(content, 5000);
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    const std::size_t at = random() % content.size();
    const char bit = static_cast<char>(1 << random() % 8);
    content[at] = static_cast<char>(content[at] ^ bit);
    EXPECT_FALSE(seal->Matches(0, content)) << at;
    content[at] = static_cast<char>(content[at] ^ bit);
  }
  EXPECT_TRUE(seal->Matches(0, content));
}

TEST(ContentSealsTest, KeepsTheNewestUsed) {
  ContentSeals seals;
  const auto seal = SealOf("text", 4);
  constexpr std::int64_t kGiB = std::int64_t{1} << 30;
  seals.Put("a", 30 * kGiB, seal);
  seals.Put("b", 30 * kGiB, seal);
  EXPECT_NE(seals.Find("a"), nullptr);
  seals.Put("c", 30 * kGiB, seal);
  EXPECT_NE(seals.Find("a"), nullptr);
  EXPECT_EQ(seals.Find("b"), nullptr);
  EXPECT_NE(seals.Find("c"), nullptr);
  EXPECT_EQ(seals.Find("d"), nullptr);
}

TEST(ContentSealsTest, SmallContentsCountAsABlockEach) {
  ContentSeals seals;
  const auto seal = SealOf("text", 4);
  constexpr int kMost = 64 << 10;
  for (int i = 0; i <= kMost; ++i) seals.Put(std::to_string(i), 10'000, seal);
  EXPECT_EQ(seals.Find("0"), nullptr);
  EXPECT_NE(seals.Find("1"), nullptr);
  for (int i = 0; i < kMost; ++i) seals.Put("x" + std::to_string(i), 10'000, seal);
  EXPECT_EQ(seals.Find(std::to_string(kMost)), nullptr) << "what went is no longer counted";
  EXPECT_NE(seals.Find("x0"), nullptr);
}

}  // namespace
}  // namespace greffe
