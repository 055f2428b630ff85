#include "storage/git/consolidate.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_set.h"
#include "storage/git/pack_writer.h"
#include "tests/git/packs_fixture.h"
#include "tests/shell.h"

namespace greffe {
namespace {

class ConsolidateTest : public PacksFixture {};

int CountWhole(const std::string& verified) {
  const std::string line = "non delta: ";
  return std::stoi(verified.substr(verified.find(line) + line.size()));
}

TEST_F(ConsolidateTest, AMergeKeepsEveryObjectAndTheLimitOfChainsHoweverOftenItIsMerged) {
  for (int round = 0; round < 6; ++round) {
    for (int pack = 0; pack < 3; ++pack) WritePack(30);
    Merge();
    ExpectEveryObject();
    const std::string verified = VerifyPack();
    EXPECT_EQ(verified.find("chain length = 41"), std::string::npos);
  }
  EXPECT_EQ(Shell("git -C " + directory_.path() + " fsck --full --strict").output, "");
  // Commits and the small trees above the folder lie whole; of the rest, one in forty and what began a chain before.
  EXPECT_LT(CountWhole(VerifyPack()), 2 * 540 + 2 * 540 / 20);
}

TEST_F(ConsolidateTest, WhatLiesInOnePackIsADeltaOfWhatCameInItsPlaceInAnother) {
  WritePack(1);
  WritePack(1);
  Merge();
  // Two commits, two small trees, and the newer ones of the rest.
  EXPECT_EQ(CountWhole(VerifyPack()), 2 + 2 + kDocuments + 1);
  ExpectEveryObject();
}

TEST_F(ConsolidateTest, MergesPacksThatStockGitMade) {
  WritePack(60);
  const std::string git = "git -C " + directory_.path() + " ";
  ASSERT_EQ(Shell(git + "repack -q -adf --depth=50").exit_code, 0);
  WritePack(60);
  packs_.clear();
  for (const char* config : {"pack.compression=9", "repack.useDeltaBaseOffset=false", "core.compression=0"}) {
    SCOPED_TRACE(config);
    const ShellResult list = Shell("ls " + Folder() + "/*.pack");
    std::string rest = list.output;
    packs_.clear();
    while (!rest.empty()) {
      Open(rest.substr(0, rest.find(".pack\n")));
      rest.erase(0, rest.find('\n') + 1);
    }
    Merge();
    ExpectEveryObject();
    EXPECT_EQ(VerifyPack().find("chain length = 41"), std::string::npos);
    ASSERT_EQ(Shell(git + "-c " + config + " repack -q -adf").exit_code, 0);
  }
}

TEST_F(ConsolidateTest, WhatIsDeflatedStaysAsItIs) {
  WritePack(60);
  const std::string git = "git -C " + directory_.path() + " ";
  ASSERT_EQ(Shell(git + "-c pack.compression=9 repack -q -adf --depth=0").exit_code, 0);
  const std::string made_by_git = Shell("ls " + Folder() + "/*.pack").output;
  packs_.clear();
  Open(made_by_git.substr(0, made_by_git.find(".pack\n")));
  const std::map<Oid, std::string> before = Streams();
  WritePack(1);
  Merge();
  const std::map<Oid, std::string> after = Streams();
  int copied = 0;
  int made = 0;
  for (const auto& [oid, stream] : before) {
    if (objects_.at(oid).type != ObjectType::kCommit) continue;
    ASSERT_EQ(after.at(oid), stream);
    ++copied;
  }
  EXPECT_EQ(copied, 60);
  // What became a delta is another stream; that is made once.
  const std::map<Oid, std::string> once = Streams();
  WritePack(1);
  Merge();
  for (const auto& [oid, stream] : Streams()) made += once.contains(oid) && once.at(oid) != stream ? 1 : 0;
  EXPECT_LT(made, 20);
  ExpectEveryObject();
}

TEST_F(ConsolidateTest, WhatSeveralPacksHaveIsWrittenOnce) {
  WritePack(30);
  std::vector<PackInput> again;
  for (const auto& [oid, object] : objects_) {
    if (again.size() < 40) again.push_back({oid, object.type, object.data, Oid{}});
  }
  const std::string compressed = "\x89PNG\r\n\x1a\n" + Line() + Line();
  const Oid picture = HashObject(ObjectType::kBlob, compressed);
  objects_[picture] = {ObjectType::kBlob, compressed};
  again.push_back({picture, ObjectType::kBlob, compressed, Oid{}});
  const auto files = WritePackFiles(Folder(), again);
  ASSERT_TRUE(files.ok()) << files.status();
  Open(Folder() + "/" + files->pack_name);
  WritePack(30);
  Merge();
  ExpectEveryObject();
  VerifyPack();
}

TEST_F(ConsolidateTest, AnObjectWithOtherBytesIsNamedAndNothingIsWritten) {
  WritePack(3);
  const std::string wrong = "other bytes than the id says\n";
  const Oid oid = HashObject(ObjectType::kBlob, "what the id says\n");
  const auto files = WritePackFiles(Folder(), {{oid, ObjectType::kBlob, wrong, Oid{}}});
  ASSERT_TRUE(files.ok());
  Open(Folder() + "/" + files->pack_name);
  const std::string before = Shell("ls " + Folder()).output;
  const auto merged = MergePacks(Folder(), packs_, Never);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->base, "");
  EXPECT_EQ(merged->damage.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(merged->damage.message().find(oid.Hex()), std::string::npos) << merged->damage;
  EXPECT_EQ(Shell("ls " + Folder()).output, before);
}

TEST_F(ConsolidateTest, ACancelledMergeWritesNothing) {
  WritePack(400);
  const std::string before = Shell("ls " + Folder()).output;
  int asked = 0;
  const auto merged = MergePacks(Folder(), packs_, [&asked] { return ++asked == 1; });
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->base, "");
  EXPECT_EQ(asked, 1) << "it went on after the answer";
  EXPECT_EQ(Shell("ls " + Folder()).output, before);
}

TEST_F(ConsolidateTest, OfMoreThanMemoryHoldsTheFirstAreMergedAndTheRestIsLeft) {
  for (int i = 0; i < 5; ++i) WritePack(20);
  std::set<std::size_t> counts;
  for (std::int64_t most = 20'000;; most += 10'000) {
    const auto merged = MergePacks(Folder(), packs_, Never, most);
    ASSERT_TRUE(merged.ok()) << merged.status();
    if (merged->is_too_large) {
      ASSERT_EQ(merged->base, "");
      ASSERT_LT(most, 10'000'000);
      continue;
    }
    ASSERT_GE(merged->count, 2U);
    const auto pack = PackReader::Open(merged->base);
    ASSERT_TRUE(pack.ok()) << pack.status();
    std::int64_t objects = 0;
    for (std::size_t i = 0; i < merged->count; ++i) objects += packs_[i]->object_count();
    EXPECT_EQ((*pack)->object_count(), objects) << merged->count << " packs with " << most << " bytes";
    for (const auto& [oid, object] : objects_) {
      bool expected = false;
      for (std::size_t i = 0; i < merged->count; ++i) expected = expected || *packs_[i]->Contains(oid);
      ASSERT_EQ(*(*pack)->Contains(oid), expected) << oid.Hex();
      if (!expected) continue;
      const auto read = (*pack)->Read(oid);
      ASSERT_TRUE(read.ok() && read->has_value()) << oid.Hex();
      ASSERT_EQ((*read)->data, object.data);
    }
    counts.insert(merged->count);
    if (merged->count == packs_.size()) break;
    ASSERT_EQ(Shell("rm -f " + merged->base + ".pack " + merged->base + ".idx").exit_code, 0);
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{2, 3, 4, 5}));
}

TEST_F(ConsolidateTest, WhatIsNotMergedYetStays) {
  for (int i = 0; i < 6; ++i) WritePack(20);
  std::int64_t most = 20'000;
  std::size_t count = 0;
  for (; count != 3; most += 10'000) {  // as many bytes as three packs take
    const auto merged = MergePacks(Folder(), packs_, Never, most);
    ASSERT_TRUE(merged.ok()) << merged.status();
    if (merged->is_too_large) continue;
    count = merged->count;
    ASSERT_LE(count, 3U);
    ASSERT_EQ(Shell("rm -f " + merged->base + ".pack " + merged->base + ".idx").exit_code, 0);
  }
  PackSet packs(Folder(), PackLimits{most});
  ASSERT_TRUE(packs.Refresh().ok());
  ASSERT_EQ(packs.CountSmall(), 6U);
  for (std::size_t before = 7; packs.CountSmall() < before;) {
    before = packs.CountSmall();
    const absl::Status merged = packs.Consolidate(true, Never);
    ASSERT_TRUE(merged.ok()) << merged;
    for (const auto& [oid, object] : objects_) {
      const auto read = packs.Read(oid);
      ASSERT_TRUE(read.ok() && read->has_value()) << oid.Hex();
      ASSERT_EQ((*read)->data, object.data);
    }
    const ShellResult checked = Shell("git -C " + directory_.path() + " fsck --full --strict");
    EXPECT_EQ(checked.exit_code, 0) << checked.output;
  }
  EXPECT_LT(packs.CountSmall(), 6U);
  EXPECT_GT(packs.List()->size(), 1U);
}

TEST_F(ConsolidateTest, APackThatInflatesToTooMuchIsLeftAndTheOthersAreMerged) {
  for (int i = 0; i < 4; ++i) WritePack(20);
  // The smallest on disk, and the largest in memory.
  const std::string zeros(3'000'000, '\0');
  const Oid oid = HashObject(ObjectType::kBlob, zeros);
  ASSERT_TRUE(WritePackFiles(Folder(), {{oid, ObjectType::kBlob, zeros, Oid{}}}).ok());
  PackSet packs(Folder(), PackLimits{2'000'000});
  ASSERT_TRUE(packs.Refresh().ok());
  ASSERT_EQ(packs.List()->size(), 5U);
  const absl::Status merged = packs.Consolidate(true, Never);
  ASSERT_TRUE(merged.ok()) << merged;
  EXPECT_EQ(packs.List()->size(), 2U);
  EXPECT_EQ(packs.CountSmall(), 1U);
  EXPECT_EQ((*packs.Read(oid))->data, zeros);
}

TEST_F(ConsolidateTest, AScanReadsEveryObjectOnceWithOrWithoutItsBases) {
  WritePack(100);
  for (const bool keeps : {true, false}) {
    std::map<Oid, GitObject> seen;
    int asked = 0;
    const auto known = [&](const Oid& oid) -> const GitObject* {
      ++asked;
      const auto found = seen.find(oid);
      return keeps && found != seen.end() ? &found->second : nullptr;
    };
    ASSERT_TRUE(packs_[0]
                    ->Scan(known,
                           [&](const Oid& oid, absl::StatusOr<PackedObject> packed) {
                             EXPECT_TRUE(packed.ok()) << packed.status();
                             EXPECT_FALSE(packed->deflated.empty());
                             EXPECT_TRUE(seen.emplace(oid, packed->object).second);
                             return absl::OkStatus();
                           })
                    .ok());
    EXPECT_GT(asked, 100);
    ASSERT_EQ(seen.size(), objects_.size());
    for (const auto& [oid, object] : objects_) EXPECT_EQ(seen[oid].data, object.data);
  }
}

TEST_F(ConsolidateTest, AWrongPlaceInTheIdxHitsThatObjectAlone) {
  WritePack(20);
  const std::string file = packs_[0]->base() + ".idx";
  const auto bytes = ReadWholeFile(file, 1 << 20);
  ASSERT_TRUE(bytes.ok());
  const auto count = static_cast<std::size_t>(packs_[0]->object_count());
  const std::size_t offsets = 8 + 256 * 4 + count * 24;
  int told = 0;
  const std::map<Oid, GitObject>& objects = objects_;
  for (std::size_t i = 0; i < 2 * count; i += 3) {
    // With the right objects at hand, and without.
    const auto known = [&](const Oid& oid) -> const GitObject* { return i < count ? nullptr : &objects.at(oid); };
    std::string damaged = *bytes;
    const std::size_t place = offsets + 4 * (i % count) + 3;
    damaged[place] = static_cast<char>(damaged[place] + 5);
    ASSERT_EQ(Shell("rm -f " + file).exit_code, 0);
    ASSERT_TRUE(WriteFileDurably(file, damaged).ok());
    const auto pack = PackReader::Open(packs_[0]->base());
    ASSERT_TRUE(pack.ok());
    int wrong = 0;
    const auto status = (*pack)->Scan(known, [&](const Oid& oid, const absl::StatusOr<PackedObject>& packed) {
      wrong += !packed.ok() || packed->object.data != objects_.at(oid).data ? 1 : 0;
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(wrong, 1) << i;
    ++told;
  }
  EXPECT_GT(told, 20);
}

}  // namespace
}  // namespace greffe
