#include "storage/store/packer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "storage/store/baseline_acts.h"
#include "tests/store/committer_fixture.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

constexpr int kFewPacks = 10;  // fewer are not merged

// A store whose packer runs by itself.
class PackerTest : public StoreFixture {
 protected:
  void SetUp() override {}  // each test opens its own

  void Configure(StoreOptions& options) override {
    options.background = background_;
    options.pack_delay = std::chrono::milliseconds(20);
    options.pack_bytes = pack_bytes_;
  }

  int CountPacks() const {
    int count = 0;
    std::error_code error;
    std::filesystem::directory_iterator file(directory_.path() + "/data/repositories/apollo.git/objects/pack", error);
    for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
      count += file->path().extension() == ".pack" ? 1 : 0;
    }
    return count;
  }

  // Nobody tells when packs are merged. `damaged` of them never are, and do not count.
  void ExpectFewPacksSoon(int damaged = 0) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (CountPacks() >= kFewPacks + damaged && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_LT(CountPacks(), kFewPacks + damaged);
  }

  void ExpectVersions(int count) {
    for (int i = 1; i <= count; ++i) {
      const auto version = View().GetVersion("SPC-0001", i);
      ASSERT_TRUE(version.ok()) << version.status();
      const auto content = store_->ReadContent("apollo", version->main_file());
      ASSERT_TRUE(content.ok()) << content.status();
      EXPECT_EQ(*content, "text " + std::to_string(i));
    }
    store_.reset();  // a merge may still be at removing what it merged
    EXPECT_EQ(Git("fsck --full --strict"), "");
  }

  bool background_ = true;
  std::int64_t pack_bytes_ = std::int64_t{1} << 30;
};

TEST_F(PackerTest, PacksThatWereAskedForAreMerged) {
  Open();
  ASSERT_TRUE(MakeProject().ok());
  for (int i = 1; i <= 30; ++i) {
    ASSERT_TRUE(Put("a.md", "text " + std::to_string(i), i == 1 ? "" : "SPC-0001").ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
  }
  ExpectFewPacksSoon();
  ExpectVersions(30);
}

TEST_F(PackerTest, PacksThatCameWhileMuchWasWrittenAreMergedAfterwards) {
  pack_bytes_ = 1;  // more than that is much
  Open();
  ASSERT_TRUE(MakeProject().ok());
  int most = 0;
  for (int i = 1; i <= 60; ++i) {
    ASSERT_TRUE(Put("a.md", "text " + std::to_string(i), i == 1 ? "" : "SPC-0001").ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
    most = std::max(most, CountPacks());
  }
  EXPECT_GT(most, kFewPacks);
  ExpectFewPacksSoon();
  ExpectVersions(60);
}

TEST_F(PackerTest, PacksThatWereLeftUnmergedAreMergedWithoutAWrite) {
  background_ = false;
  Open();
  ASSERT_TRUE(MakeProject().ok());
  const std::string packs = directory_.path() + "/data/repositories/apollo.git/objects/pack";
  const std::string aside = directory_.path() + "/aside";
  std::filesystem::create_directories(aside);
  constexpr int kVersions = 45;
  for (int i = 1; i <= kVersions; ++i) {
    ASSERT_TRUE(Put("a.md", "text " + std::to_string(i), i == 1 ? "" : "SPC-0001").ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
    ASSERT_EQ(Shell("cp -n " + packs + "/* " + aside).exit_code, 0);
  }
  store_.reset();
  ASSERT_EQ(Shell("cp -n " + aside + "/* " + packs).exit_code, 0);  // as they lay before a merge
  ASSERT_GE(CountPacks(), kVersions);
  background_ = true;
  Open();
  ExpectFewPacksSoon();
  ExpectVersions(kVersions);
}

TEST_F(PackerTest, APackThatIsDamagedKeepsNoOthersFromBeingMergedAndIsNamedOnce) {
  Open();
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("first.md", "first").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string packs = directory_.path() + "/data/repositories/apollo.git/objects/pack/";
  const ShellResult damaged = Shell(
      "cd " + packs + " && chmod u+w *.pack && printf ZZZZ | dd of=$(ls *.pack | head -1) bs=1 seek=30 conv=notrunc");
  ASSERT_EQ(damaged.exit_code, 0) << damaged.output;
  for (int i = 1; i <= 30; ++i) {
    ASSERT_TRUE(Put("a.md", "text " + std::to_string(i), i == 1 ? "" : "SPC-0002").ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
  }
  ExpectFewPacksSoon(1);
  store_.reset();
  int named = 0;
  for (const std::string& line : progress_) named += line.find(".pack is damaged") != std::string::npos ? 1 : 0;
  EXPECT_EQ(named, 1);
}

TEST_F(PackerTest, WhyAProjectIsNotPackedIsToldOnceUntilItIs) {
  Open();
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string folder = directory_.path() + "/data/repositories/apollo.git/objects/pack";
  const auto told = [this] {  // under the mutex
    return std::count_if(progress_.begin(), progress_.end(), [](const std::string& line) {
      return line.find("packing project 'apollo': ") != std::string::npos;
    });
  };
  const auto break_off = [&] {
    std::filesystem::rename(folder, folder + ".away");
    std::ofstream(folder) << "no folder";
  };
  const auto mend = [&] {
    std::filesystem::remove(folder);
    std::filesystem::rename(folder + ".away", folder);
  };
  for (int time = 1; time <= 2; ++time) {
    break_off();
    ASSERT_TRUE(Put(std::to_string(time) + ".md", "text").ok());
    std::unique_lock lock(progress_mutex_);
    ASSERT_TRUE(progress_event_.wait_for(lock, std::chrono::minutes(1), [&] { return told() == time; }));
    lock.unlock();
    EXPECT_FALSE(store_->FlushRepositories().ok());  // rounds go on meanwhile
    mend();
    ASSERT_TRUE(store_->FlushRepositories().ok());
    lock.lock();
    EXPECT_EQ(told(), time);
    lock.unlock();
    // The packer's own round has to see that all is well.
    ASSERT_TRUE(Put("more.md", "text " + std::to_string(time), time == 1 ? "" : "SPC-0002").ok());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (store_->Status().unpacked_commit_count() > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

TEST_F(PackerTest, WhatIsPackedAlreadyIsNotPackedAgainWhileATagCannotBeWritten) {
  Open();
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "text 1").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string repository = directory_.path() + "/data/repositories/apollo.git";
  const std::string tags = repository + "/refs/tags/baselines";
  std::filesystem::remove_all(tags);
  std::ofstream(tags) << "no folder";
  v1::Baseline baseline;
  baseline.set_reason("gate");
  const auto prepared = PrepareBaseline(View(), "G1", baseline);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  ASSERT_TRUE(Act([&](Transaction& transaction) { return CreateBaseline(transaction, *prepared); }).ok());
  constexpr int kRounds = 6;
  constexpr std::uintmax_t kBytes = 100'000;
  std::mt19937 random(1);
  for (int i = 0; i < kRounds; ++i) {
    std::string noise(kBytes, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    ASSERT_TRUE(Put("noise-" + std::to_string(i), noise).ok());
    EXPECT_FALSE(store_->FlushRepositories().ok());
    EXPECT_FALSE(store_->FlushRepositories().ok());
  }
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(repository + "/objects/pack")) bytes += file.file_size();
  EXPECT_LT(bytes, (kRounds + 1) * kBytes);
  std::filesystem::remove(tags);
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ExpectVersions(1);
  EXPECT_EQ(Git("rev-parse baselines/G1^{commit}^"), Git("rev-parse main~" + std::to_string(kRounds + 1)));
}

TEST_F(PackerTest, APackThatIsGoneBeforeANameLedToItIsWrittenAgain) {
  Open();
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "text 1").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string repository = directory_.path() + "/data/repositories/apollo.git";
  const std::string list_packs = "ls " + repository + "/objects/pack/*";
  const std::string before = Shell(list_packs).output;
  const std::string tags = repository + "/refs/tags/baselines";
  std::filesystem::remove_all(tags);
  std::ofstream(tags) << "no folder";
  v1::Baseline baseline;
  baseline.set_reason("gate");
  const auto prepared = PrepareBaseline(View(), "G1", baseline);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  ASSERT_TRUE(Act([&](Transaction& transaction) { return CreateBaseline(transaction, *prepared); }).ok());
  EXPECT_FALSE(store_->FlushRepositories().ok());
  ASSERT_TRUE(Put("b.md", "text").ok());
  EXPECT_FALSE(store_->FlushRepositories().ok());
  EXPECT_EQ(store_->Status().unpacked_commit_count(), 2);
  // As `git gc` does, or somebody who makes room.
  int removed = 0;
  std::istringstream files(Shell(list_packs).output);
  for (std::string file; std::getline(files, file);) {
    if (before.find(file) == std::string::npos) removed += std::filesystem::remove(file) ? 1 : 0;
  }
  EXPECT_GE(removed, 4);
  std::filesystem::remove(tags);
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(store_->Status().unpacked_commit_count(), 0);
  ExpectVersions(1);
  EXPECT_EQ(Git("show main:b.md"), "text");
  EXPECT_EQ(Git("rev-parse baselines/G1^{commit}^"), Git("rev-parse main~2"));
}

class PackerReadsTest : public CommitterFixture {
 protected:
  PackerReadsTest() : CommitterFixture(1) {}

  void Rename(int times) {
    for (int i = 0; i < times; ++i) {
      const auto rename = [i](Transaction& transaction) {
        v1::Project project;
        project.set_title("Name " + std::to_string(i));
        return UpdateProject(transaction, project, {"title"});
      };
      ASSERT_TRUE(Write("apollo", rename).get().ok());
    }
  }
};

TEST_F(PackerReadsTest, ARepositoryThatSomebodyElseChangedIsNoReasonToReadAllOfTheJournalInEachRound) {
  ASSERT_TRUE(Write("apollo", Make).get().ok());
  Packer packer(
      {std::chrono::hours(1), std::int64_t{1} << 30}, *held_journal_, *objects_,
      [](const std::string&, const absl::Status&) {}, [](const std::string&, const absl::Status&) {});
  ASSERT_TRUE(packer.Pack("apollo").ok());
  Rename(3);
  const std::string main = directory_.path() + "/repositories/apollo.git/refs/heads/main";
  std::string ours;
  std::ifstream(main) >> ours;
  const auto set_main = [&main](const std::string& oid) { std::ofstream(main, std::ios::trunc) << oid << "\n"; };
  for (const char foreign : {'7', '8'}) {
    set_main(std::string(40, foreign));
    EXPECT_EQ(ReasonOf(packer.Pack("apollo").status()), kQuarantined);
    const int before = held_journal_->commits_read();
    for (int round = 0; round < 3; ++round) EXPECT_EQ(ReasonOf(packer.Pack("apollo").status()), kQuarantined);
    EXPECT_EQ(held_journal_->commits_read(), before);
  }
  set_main(ours);
  const auto packed = packer.Pack("apollo");
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(*packed, 3);
}

}  // namespace
}  // namespace greffe
