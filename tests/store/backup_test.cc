// Copies into a folder that has an older copy, or one of other data.
#include "storage/store/backup.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "storage/store/baseline_acts.h"
#include "storage/store/maintenance.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class BackupIntoOlderCopyTest : public StoreFixture {
 protected:
  absl::StatusOr<WriteResult> Make(const std::string& project) {
    return ActOn(project, [](Transaction& transaction) {
      v1::Project made;
      made.set_title("Project");
      return CreateProject(transaction, made);
    });
  }
  void Freeze(const std::string& id) {
    v1::Baseline baseline;
    baseline.set_reason("gate");
    const auto prepared = PrepareBaseline(View(), id, baseline);
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    ASSERT_TRUE(Act([&](Transaction& transaction) { return CreateBaseline(transaction, *prepared); }).ok());
  }

  std::string Data() const { return directory_.path() + "/data"; }
  std::string Copy() const { return directory_.path() + "/copy"; }
  void BackUp() {
    const auto copied = BackUpData(Data(), Copy(), [](const std::string&) {});
    ASSERT_TRUE(copied.ok()) << copied.status();
  }
  // A store without projects takes the place of this one.
  void BeginAnew() {
    store_.reset();
    std::filesystem::remove_all(Data());
    Open();
  }
  // What was copied takes the place of the store.
  void OpenCopy() {
    store_.reset();
    std::filesystem::remove_all(Data());
    std::filesystem::rename(Copy(), Data());
    std::string lines;
    const auto verified = VerifyData(
        Data(), [](const std::string&) {}, [&](const std::string& line) { lines += line + "\n"; });
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->findings, 0) << lines;
    Open();
  }
};

TEST_F(BackupIntoOlderCopyTest, ProjectsThatTheSourceDoesNotHaveGo) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  BeginAnew();
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  OpenCopy();
  EXPECT_EQ(Shell("ls " + Data() + "/repositories").output, "apollo.git\n");
  EXPECT_TRUE(Make("gemini").ok()) << "nobody has the name";
  EXPECT_FALSE(MakeProject().ok());
}

TEST_F(BackupIntoOlderCopyTest, TagsThatTheSourceDoesNotHaveGo) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  Freeze("G1");
  Freeze("G2");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  // As `git gc` leaves them.
  ASSERT_EQ(Shell("git -C " + Copy() + "/repositories/apollo.git pack-refs --all").exit_code, 0);
  BeginAnew();
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "another").ok());
  Freeze("G2");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  OpenCopy();
  EXPECT_EQ(Git("for-each-ref --format='%(refname)'"), "refs/heads/main\nrefs/tags/baselines/G2\n");
  EXPECT_EQ(Git("show baselines/G2:a.md"), "another");
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(BackupIntoOlderCopyTest, AProjectThatIsNotPackedYetKeepsNothingOfAFormerOne) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  Freeze("G1");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  for (const bool has_repository : {false, true}) {
    BeginAnew();
    ASSERT_TRUE(MakeProject().ok());
    if (has_repository) {
      ASSERT_TRUE(PutLarge("apollo", "large.bin", std::string(2'000'000, 'l')).ok());
    }
    BackUp();
    EXPECT_EQ(Shell("git -C " + Copy() + "/repositories/apollo.git for-each-ref").output, "");
  }
  EXPECT_EQ(Shell("ls " + Copy() + "/repositories/apollo.git/objects/pack").output, "");
  OpenCopy();
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("for-each-ref --format='%(refname)'"), "refs/heads/main\n");
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

}  // namespace
}  // namespace greffe
