#include "storage/store/packer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

constexpr int kFewPacks = 10;  // fewer are not merged

// A store whose packer runs by itself.
class PackerTest : public StoreFixture {
 protected:
  void SetUp() override {}  // each test opens its own

  void Configure(StoreOptions& options) override {
    options.background = true;
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
    EXPECT_EQ(Git("fsck --full --strict"), "");
  }

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

}  // namespace
}  // namespace greffe
