// Tags through starts, losses, copies and verification.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "storage/base/record_layout.h"
#include "storage/store/backup.h"
#include "storage/store/baseline_acts.h"
#include "storage/store/maintenance.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class BaselineRecoveryTest : public StoreFixture {
 protected:
  void Fill() {
    ASSERT_TRUE(MakeProject().ok());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(Put("docs/" + std::to_string(i) + ".md", std::to_string(i)).ok());
  }
  absl::StatusOr<WriteResult> Freeze(const std::string& id) {
    v1::Baseline baseline;
    baseline.set_reason("gate");
    const auto prepared = PrepareBaseline(View(), id, baseline);
    if (!prepared.ok()) return prepared.status();
    return Act([&](Transaction& transaction) { return CreateBaseline(transaction, *prepared); });
  }
  std::string Data() const { return directory_.path() + "/data"; }
  std::string TagFile() const { return Data() + "/repositories/apollo.git/refs/tags/baselines/G1"; }
  std::string Frozen() { return Git("ls-tree -r --name-only baselines/G1"); }
  std::int64_t Findings() {
    std::string lines;
    const auto result = VerifyData(
        Data(), [](const std::string&) {}, [&](const std::string& line) { lines += line + "\n"; });
    EXPECT_TRUE(result.ok()) << result.status();
    findings_ = lines;
    return result.ok() ? result->findings : -1;
  }

  std::string findings_;
};

constexpr char kFrozenFiles[] = ".greffe/baseline.json\ndocs/0.md\ndocs/1.md\ndocs/2.md\ndocs/3.md\ndocs/4.md\n";

TEST_F(BaselineRecoveryTest, ATagComesToTheRepositoryWithItsCommit) {
  Fill();
  ASSERT_TRUE(Freeze("G1").ok());
  EXPECT_FALSE(std::filesystem::exists(TagFile()));
  const std::string before = DumpIndex();
  store_.reset();  // packs
  EXPECT_EQ(Findings(), 0) << findings_;
  std::filesystem::remove_all(Data() + "/index");
  Open();
  EXPECT_EQ(DumpIndex(), before);
  EXPECT_EQ(Frozen(), kFrozenFiles);
  EXPECT_EQ(Git("rev-parse baselines/G1:.greffe/baseline.json"),
            Git("rev-parse main:" + ShardedPath("baselines", "G1")));
  EXPECT_EQ(Git("rev-parse baselines/G1^{commit}^"), Git("rev-parse main^"));
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(BaselineRecoveryTest, ATagThatIsMissingIsWrittenAgainAndOneThatWasMovedIsForeign) {
  Fill();
  ASSERT_TRUE(Freeze("G1").ok());
  store_.reset();
  std::filesystem::remove(TagFile());
  EXPECT_EQ(Findings(), 1);
  Open();
  EXPECT_EQ(Frozen(), kFrozenFiles);
  const std::string main = Git("rev-parse main");
  store_.reset();
  std::ofstream(TagFile()) << main;
  EXPECT_EQ(Findings(), 1);
  Open();
  EXPECT_EQ(ReasonOf(Put("docs/new.md", "x").status()), "PROJECT_QUARANTINED");
}

TEST_F(BaselineRecoveryTest, RepositoriesAloneBringTheirTags) {
  Fill();
  ASSERT_TRUE(Freeze("G1").ok());
  const std::string before = DumpIndex();
  store_.reset();
  std::filesystem::remove_all(Data() + "/index");
  std::filesystem::remove_all(Data() + "/journal");
  // As `git gc` leaves them.
  ASSERT_EQ(Shell("git -C " + Data() + "/repositories/apollo.git pack-refs --all").exit_code, 0);
  Open();
  EXPECT_EQ(DumpIndex(), before);
  ASSERT_TRUE(Freeze("G2").ok());
  store_.reset();
  EXPECT_EQ(Findings(), 0) << findings_;
}

TEST_F(BaselineRecoveryTest, ATagThatWasLostWithTheJournalIsTakenUpOnceACloneBringsIt) {
  Fill();
  ASSERT_TRUE(Freeze("G1").ok());
  ASSERT_TRUE(Freeze("G2").ok());
  ASSERT_TRUE(Put("docs/new.md", "x").ok());
  store_.reset();
  const std::string repository = Data() + "/repositories/apollo.git";
  const std::string clone = directory_.path() + "/clone";
  ASSERT_EQ(Shell("git clone -q --bare " + repository + " " + clone).exit_code, 0);
  std::filesystem::remove(TagFile());
  std::filesystem::remove_all(Data() + "/journal");
  Open();
  store_.reset();
  EXPECT_EQ(Findings(), 1);
  const std::string fetch = " refs/tags/baselines/G1:refs/tags/baselines/G1";
  ASSERT_EQ(Shell("git -C " + repository + " fetch -q --no-tags " + clone + fetch).exit_code, 0);
  Open();
  EXPECT_EQ(Frozen(), kFrozenFiles);
  ASSERT_TRUE(Put("docs/newer.md", "x").ok());
  store_.reset();
  EXPECT_EQ(Findings(), 0) << findings_;
  // It is the journal's from now on.
  std::filesystem::remove(TagFile());
  Open();
  EXPECT_EQ(Frozen(), kFrozenFiles);
}

TEST_F(BaselineRecoveryTest, ATagThatTheHistoryDoesNotNameIsNotTakenUp) {
  Fill();
  ASSERT_TRUE(Freeze("G1").ok());
  store_.reset();
  const std::string git = "git -C " + Data() + "/repositories/apollo.git ";
  // An own one, and another object under the name of a baseline.
  ASSERT_EQ(Shell(git + "update-ref refs/tags/baselines/G9 main").exit_code, 0);
  for (const bool lost : {false, true}) {
    if (lost) std::filesystem::remove_all(Data() + "/journal");
    Open();
    ASSERT_NE(store_, nullptr);
    EXPECT_TRUE(Put("docs/" + std::to_string(lost) + "-new.md", "x").ok());
    store_.reset();
    EXPECT_EQ(Findings(), 0) << findings_;
  }
}

TEST_F(BaselineRecoveryTest, ABackupHasPackedTagsAndThoseThatAreNot) {
  Fill();
  ASSERT_TRUE(Freeze("G1").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_TRUE(Put("docs/5.md", "5").ok());
  ASSERT_TRUE(Freeze("G2").ok());
  const std::string before = DumpIndex();
  const std::string copy = directory_.path() + "/copy";
  ASSERT_TRUE(BackUpData(Data(), copy, [](const std::string&) {}).ok());
  store_.reset();
  std::filesystem::remove_all(Data());
  std::filesystem::rename(copy, Data());
  EXPECT_EQ(Findings(), 0) << findings_;
  Open();
  EXPECT_EQ(DumpIndex(), before);
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("tag -l"), "baselines/G1\nbaselines/G2\n");
  EXPECT_EQ(Frozen(), kFrozenFiles);
}

}  // namespace
}  // namespace greffe
