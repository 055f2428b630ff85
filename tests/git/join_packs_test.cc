#include "storage/git/join_packs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/git/lone_packs.h"
#include "storage/git/pack_set.h"
#include "storage/git/repository.h"
#include "tests/git/packs_fixture.h"

namespace greffe {
namespace {

class JoinPacksTest : public PacksFixture {
 protected:
  // As if all packs were too large to be merged.
  static PackLimits AllAreLarge() {
    PackLimits limits;
    limits.small_bytes = 0;
    return limits;
  }

  // Joins all packs into one, which takes their places.
  void Join() {
    const auto joined = JoinPacks(Folder(), packs_, Never);
    ASSERT_TRUE(joined.ok()) << joined.status();
    ASSERT_FALSE(joined->left) << joined->why;
    for (const auto& pack : packs_) {
      ASSERT_EQ(Shell("rm -f " + pack->base() + ".pack " + pack->base() + ".idx").exit_code, 0);
    }
    packs_.clear();
    Open(joined->base);
  }

  void ExpectAll(const PackSet& packs) {
    for (const auto& [oid, object] : objects_) {
      const auto read = packs.Read(oid);
      ASSERT_TRUE(read.ok() && read->has_value()) << oid.Hex();
      ASSERT_EQ((*read)->data, object.data);
    }
  }

  // A pack of one blob that neither deflates nor is a delta.
  void WriteNoise(std::size_t bytes) {
    std::string noise;
    while (noise.size() < bytes) noise += static_cast<char>(random_());
    const Oid oid = HashObject(ObjectType::kBlob, noise);
    ASSERT_TRUE(WritePackFiles(Folder(), {{oid, ObjectType::kBlob, noise, Oid{}}}).ok());
    objects_[oid] = {ObjectType::kBlob, noise};
  }

  void FlipBit(const std::string& path, std::int64_t place) const {
    ASSERT_EQ(Shell("chmod u+w " + path).exit_code, 0);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(place);
    const auto changed = static_cast<char>(file.get() ^ 0x80);
    file.seekp(place).put(changed);
  }

  std::string ListFolder() const { return Shell("ls " + Folder()).output; }
};

TEST_F(JoinPacksTest, EveryObjectIsThereOnceAndGitReadsThem) {
  for (int round = 0; round < 3; ++round) {
    for (int pack = 0; pack < 3; ++pack) WritePack(60);
    Join();
    ExpectEveryObject();
    VerifyPack();
  }
}

// The former text of a document is in the next pack once more, and what came before it there is a delta of that.
TEST_F(JoinPacksTest, DeltasOfWhatAnotherPackHasGoOnInItsChain) {
  WritePack(30);
  for (int round = 0; round < 4; ++round) {
    std::vector<PackInput> again;
    Oid last;
    for (const auto& [oid, object] : objects_) {
      if (object.type != ObjectType::kBlob) continue;
      again.push_back({oid, object.type, object.data, last});
      last = oid;
    }
    texts_[0].replace(0, 101, Line());
    const Oid newest = HashObject(ObjectType::kBlob, texts_[0]);
    objects_[newest] = {ObjectType::kBlob, texts_[0]};
    again.push_back({newest, ObjectType::kBlob, texts_[0], last});
    const auto files = WritePackFiles(Folder(), again);
    ASSERT_TRUE(files.ok()) << files.status();
    Open(Folder() + "/" + files->pack_name);
    Join();
    ExpectEveryObject();
    VerifyPack();
  }
}

TEST_F(JoinPacksTest, PacksThatStockGitMadeAreJoined) {
  WritePack(50);
  ASSERT_EQ(Shell("git -C " + directory_.path() + " repack -adfq").exit_code, 0);
  packs_.clear();
  Open(Folder() + "/" + Shell("cd " + Folder() + " && ls *.pack | sed s/.pack$// | tr -d '\\n'").output);
  WritePack(50);
  Join();
  ExpectEveryObject();
  VerifyPack();
}

TEST_F(JoinPacksTest, AnObjectWhoseBytesChangedOnTheDiskIsNamedAndNothingIsWritten) {
  for (int i = 0; i < 3; ++i) WritePack(20);
  const std::string path = packs_[1]->base() + ".pack";
  ASSERT_EQ(Shell("chmod u+w " + path).exit_code, 0);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(300).put('\xff').put('\x5a');
  file.close();
  const std::string before = ListFolder();
  const auto joined = JoinPacks(Folder(), packs_, Never);
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->base, "");
  ASSERT_TRUE(joined->left);
  EXPECT_EQ(*joined->left, 1U);
  EXPECT_EQ(joined->why.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(joined->why.message().find(path), std::string::npos) << joined->why;
  EXPECT_EQ(ListFolder(), before);
}

TEST_F(JoinPacksTest, AnIdThatChangedOnTheDiskIsFoundBeforeTheSoundPackGoes) {
  ASSERT_TRUE(InitializeGit().ok());
  for (int i = 0; i < 10; ++i) WritePack(3);
  constexpr std::int64_t kThirdId = 8 + 256 * 4 + 2 * 20;
  // The latter one puts it out of order.
  FlipBit(packs_[3]->base() + ".idx", kThirdId + 15);
  FlipBit(packs_[7]->base() + ".idx", kThirdId);
  const std::string before = ListFolder();
  PackSet packs(Folder(), AllAreLarge());
  ASSERT_TRUE(packs.Refresh().ok());
  for (int i = 0; i < 2; ++i) {
    const absl::Status joined = packs.Join(Never);
    EXPECT_EQ(joined.code(), absl::StatusCode::kDataLoss) << joined;
    EXPECT_NE(joined.message().find(".idx"), std::string::npos) << joined;
    EXPECT_EQ(ListFolder(), before);
  }
  const absl::Status joined = packs.Join(Never);
  ASSERT_TRUE(joined.ok()) << joined;
  EXPECT_EQ(packs.List()->size(), 3U);
  IdxFindings findings;
  ASSERT_TRUE(MendIdxs(Folder(), directory_.path() + "/scratch", findings).ok());
  PackSet again(Folder());
  ASSERT_TRUE(again.Refresh().ok());
  ExpectAll(again);
}

TEST_F(JoinPacksTest, AnIdxThatCannotBeReadIsThatOfOnePack) {
  for (int i = 0; i < 3; ++i) WritePack(20);
  const std::string base = packs_[1]->base();
  packs_[1] = *PackReader::Open(base, 0);
  ASSERT_EQ(Shell("chmod u+w " + base + ".idx && truncate -s 1100 " + base + ".idx").exit_code, 0);
  const std::string before = ListFolder();
  const auto joined = JoinPacks(Folder(), packs_, Never);
  ASSERT_TRUE(joined.ok()) << joined.status();
  ASSERT_TRUE(joined->left);
  EXPECT_EQ(*joined->left, 1U);
  EXPECT_EQ(joined->why.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ListFolder(), before);
}

TEST_F(JoinPacksTest, ACancelledOneWritesNothing) {
  for (int i = 0; i < 2; ++i) WritePack(400);
  const std::string before = ListFolder();
  int asked = 0;
  const auto joined = JoinPacks(Folder(), packs_, [&asked] { return ++asked == 1; });
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->base, "");
  EXPECT_FALSE(joined->left);
  EXPECT_EQ(asked, 1) << "it went on after the answer";
  EXPECT_EQ(ListFolder(), before);
}

TEST_F(JoinPacksTest, TheNumberOfLargePacksGrowsByItsLogarithm) {
  PackSet packs(Folder(), AllAreLarge());
  std::size_t most = 0;
  for (int i = 0; i < 80; ++i) {
    WritePack(3);
    ASSERT_TRUE(packs.Refresh().ok());
    const absl::Status joined = packs.Join(Never);
    ASSERT_TRUE(joined.ok()) << joined;
    most = std::max(most, packs.List()->size());
  }
  EXPECT_LE(most, 16U);
  ExpectAll(packs);
  const ShellResult checked = Shell("git -C " + directory_.path() + " fsck --full --strict");
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
}

TEST_F(JoinPacksTest, FewOrFarTooLargeOnesStayAsTheyAre) {
  for (int i = 0; i < 7; ++i) WritePack(3);
  PackSet packs(Folder(), AllAreLarge());
  ASSERT_TRUE(packs.Refresh().ok());
  ASSERT_TRUE(packs.Join(Never).ok());
  EXPECT_EQ(packs.List()->size(), 7U);
  WritePack(3);
  for (const bool by_bytes : {true, false}) {
    PackLimits limits = AllAreLarge();
    (by_bytes ? limits.most_joined_bytes : limits.most_joined_objects) = 20;
    PackSet others(Folder(), limits);
    ASSERT_TRUE(others.Refresh().ok());
    ASSERT_TRUE(others.Join(Never).ok());
    EXPECT_EQ(others.List()->size(), 8U);
  }
  ASSERT_TRUE(packs.Refresh().ok());
  ASSERT_TRUE(packs.Join(Never).ok());
  EXPECT_EQ(packs.List()->size(), 1U);
}

TEST_F(JoinPacksTest, WhatWritesAreToHaveOfTheDiskIsLeftToThem) {
  for (int i = 0; i < 8; ++i) WritePack(3);
  PackLimits limits = AllAreLarge();
  limits.reserve_bytes = 2 * *FreeSpace(Folder());
  PackSet packs(Folder(), limits);
  ASSERT_TRUE(packs.Refresh().ok());
  ASSERT_TRUE(packs.Join(Never).ok());
  EXPECT_EQ(packs.List()->size(), 8U);
  PackSet others(Folder(), AllAreLarge());
  ASSERT_TRUE(others.Refresh().ok());
  ASSERT_TRUE(others.Join(Never).ok());
  EXPECT_EQ(others.List()->size(), 1U);
}

TEST_F(JoinPacksTest, WhatAKilledProcessLeftTwiceGoesOnceWhatHasItIsSound) {
  for (int i = 0; i < 8; ++i) WritePack(3);
  const auto joined = JoinPacks(Folder(), packs_, Never);
  ASSERT_TRUE(joined.ok()) << joined.status();
  const auto whole = PackReader::Open(joined->base);
  ASSERT_TRUE(whole.ok()) << whole.status();
  WritePack(3);
  PackLimits limits = AllAreLarge();
  limits.most_joined_bytes = (*whole)->bytes() - 1;
  const std::string kept = directory_.path() + "/kept";
  ASSERT_EQ(Shell("cp " + joined->base + ".pack " + kept).exit_code, 0);
  FlipBit(joined->base + ".pack", 300);
  const std::string before = ListFolder();
  {
    PackSet packs(Folder(), limits);
    ASSERT_TRUE(packs.Refresh().ok());
    const absl::Status damaged = packs.Join(Never);
    EXPECT_EQ(damaged.code(), absl::StatusCode::kDataLoss) << damaged;
    EXPECT_NE(damaged.message().find(joined->base), std::string::npos) << damaged;
    EXPECT_EQ(ListFolder(), before) << "the only sound ones";
  }
  ASSERT_EQ(Shell("cp -f " + kept + " " + joined->base + ".pack").exit_code, 0);
  PackSet packs(Folder(), limits);
  ASSERT_TRUE(packs.Refresh().ok());
  for (int i = 0; i < 2; ++i) {
    const absl::Status done = packs.Join(Never);
    ASSERT_TRUE(done.ok()) << done;
    EXPECT_EQ(packs.List()->size(), 2U);
  }
  EXPECT_EQ(Shell("ls " + Folder() + " | wc -l").output, "4\n");
  ExpectAll(packs);
  const ShellResult checked = Shell("git -C " + directory_.path() + " fsck --full --strict");
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
}

TEST_F(JoinPacksTest, SmallOnesWaitForTheirOwnNumberWhateverBecomesOfLargeOnes) {
  for (int i = 0; i < 30; ++i) WriteNoise(60'000);
  for (int i = 0; i < 8; ++i) WriteNoise(300);
  for (int i = 0; i < 2; ++i) WriteNoise(30'000);  // of which memory holds one
  PackLimits limits;
  limits.small_bytes = 50'000;
  limits.most_merged_bytes = 100'000;
  PackSet packs(Folder(), limits);
  ASSERT_TRUE(packs.Refresh().ok());
  ASSERT_EQ(packs.CountSmall(), 10U);
  ASSERT_TRUE(packs.Consolidate(false, Never).ok());
  ASSERT_EQ(packs.CountSmall(), 2U);
  ASSERT_TRUE(packs.Join(Never).ok());
  ASSERT_EQ(packs.List()->size(), 3U);
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) WriteNoise(300);
    ASSERT_TRUE(packs.Refresh().ok());
    ASSERT_TRUE(packs.Consolidate(false, Never).ok());
  };
  add(12);
  EXPECT_EQ(packs.CountSmall(), 14U) << "it would be written anew for the sake of little";
  add(8);
  EXPECT_LT(packs.CountSmall(), 4U);
  ExpectAll(packs);
}

TEST_F(JoinPacksTest, ADamagedOneIsToldOnceAndLeftOut) {
  for (int i = 0; i < 10; ++i) WritePack(3);
  const std::string path = packs_[4]->base() + ".pack";
  ASSERT_EQ(Shell("chmod u+w " + path).exit_code, 0);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100).put('\xff').put('\x5a');
  file.close();
  PackSet packs(Folder(), AllAreLarge());
  ASSERT_TRUE(packs.Refresh().ok());
  EXPECT_EQ(packs.Join(Never).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(packs.List()->size(), 10U);
  const absl::Status joined = packs.Join(Never);
  ASSERT_TRUE(joined.ok()) << joined;
  EXPECT_EQ(packs.List()->size(), 2U);
}

}  // namespace
}  // namespace greffe
