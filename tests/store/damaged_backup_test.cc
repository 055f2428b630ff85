// Backups in which a disk has damaged something.
#include <gtest/gtest.h>

#include <filesystem>

#include "storage/journal/rocksdb_journal.h"
#include "storage/store/backup.h"
#include "storage/store/data_directory.h"
#include "storage/store/lock_acts.h"
#include "storage/store/maintenance.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

constexpr char kPacks[] = "/repositories/apollo.git/objects/pack";

class DamagedBackupTest : public StoreFixture {
 protected:
  std::string Data() const { return directory_.path() + "/data"; }
  std::string Copy() const { return directory_.path() + "/copy"; }
  std::string Restored() const { return directory_.path() + "/restored"; }

  absl::StatusOr<BackupResult> BackUp(const std::string& source, const std::string& copy) {
    return BackUpData(source, copy, Line());
  }
  absl::StatusOr<BackupResult> Restore() { return RestoreData(Copy(), Restored(), Line()); }
  ReportLine Line() {
    lines_.clear();
    return [this](const std::string& line) { lines_ += line + "\n"; };
  }
  // A pack of two documents, and a large content.
  void MakeBackup() {
    ASSERT_TRUE(MakeProject().ok());
    for (const char* path : {"a.md", "b.md"}) ASSERT_TRUE(Put(path, std::string(path) + " text").ok());
    ASSERT_TRUE(PutLarge("apollo", "large.bin", std::string(2'000'000, 'l')).ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
    const auto copied = BackUp(Data(), Copy());
    ASSERT_TRUE(copied.ok() && copied->left.empty() && copied->damaged.empty()) << copied.status();
  }
  // Of the only file that `pattern` names in the folder. Its former bytes are "kept" beside the data.
  void Damage(const std::string& folder, const std::string& pattern, const std::string& command) {
    const ShellResult done = Shell("cd " + folder + " && file=$(ls " + pattern + ") && cp -p $file " +
                                   directory_.path() + "/kept && chmod u+w $file && " + command);
    ASSERT_EQ(done.exit_code, 0) << done.output;
  }
  void FlipByte(const std::string& folder, const std::string& pattern) {
    Damage(folder, pattern, "printf Z | dd of=$file bs=1 seek=$(($(stat -c %s $file) / 2)) conv=notrunc status=none");
  }

  std::string lines_;  // that the latest one told
};

TEST_F(DamagedBackupTest, AFlippedByteInAPackOrALargeContentKeepsItFromBeingRestoredAsAWhole) {
  MakeBackup();
  for (const std::string pattern : {"objects/pack/*.pack", "objects/[0-9a-f][0-9a-f]/*"}) {
    const std::string folder = Copy() + "/repositories/apollo.git";
    FlipByte(folder, pattern);
    const std::string name = Shell("cd " + folder + " && ls " + pattern).output;
    std::filesystem::remove_all(Restored());
    // Also what is there from the first time is looked at.
    for (int i = 0; i < 2; ++i) {
      const absl::Status refused = Restore().status();
      EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
      EXPECT_EQ(ReasonOf(refused), "BACKUP_DAMAGED");
      EXPECT_EQ(ErrorMetadataOf(refused, "project"), "apollo");
      EXPECT_NE(refused.message().find(name.substr(0, name.size() - 1)), std::string::npos) << refused;
      EXPECT_EQ(ReasonOf(TakeDataDirectory(Restored()).status()), "DATA_COPY_UNFINISHED") << "nothing starts on it";
    }
    // What is sound in it is of use.
    const std::string saved = directory_.path() + "/saved";
    const auto copied = BackUp(Copy(), saved);
    ASSERT_TRUE(copied.ok()) << copied.status();
    EXPECT_EQ(copied->projects, 1);
    EXPECT_EQ(copied->damaged.size(), 1U);
    EXPECT_NE(Findings(saved), "");
    std::filesystem::remove_all(saved);
    // It is found again, with its time.
    ASSERT_EQ(Shell("cd " + folder + " && cp -pf " + directory_.path() + "/kept $(ls " + pattern + ")").exit_code, 0);
    const auto restored = Restore();
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_EQ(Findings(Restored()), "");
  }
}

TEST_F(DamagedBackupTest, ADamagedIdxIsMadeAgainInTheCopyAndInWhatIsRestored) {
  MakeBackup();
  const std::string sound = Shell("cat " + Copy() + kPacks + "/*.idx | sha256sum").output;
  // In its last places of objects.
  Damage(Copy() + kPacks, "*.idx",
         "printf Z | dd of=$file bs=1 seek=$(($(stat -c %s $file) - 42)) conv=notrunc status=none");
  const auto restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Findings(Restored()), "");
  EXPECT_EQ(Shell("cat " + Restored() + kPacks + "/*.idx | sha256sum").output, sound);
  // Of the copy itself by the next backup, though it is as long and as old as it was.
  const auto copied = BackUp(Data(), Copy());
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_TRUE(copied->left.empty() && copied->damaged.empty());
  EXPECT_EQ(Shell("cat " + Copy() + kPacks + "/*.idx | sha256sum").output, sound);
  EXPECT_EQ(Findings(Copy()), "");
}

TEST_F(DamagedBackupTest, AnIdxThatIsDamagedSinceTheLastBackupDoesNotKeepItsProjectOut) {
  MakeBackup();
  ASSERT_TRUE(Put("c.md", "c.md text").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  // No id of it is found any more; the open store holds what was there.
  const ShellResult damaged = Shell("cd " + Data() + kPacks + R"( && file=$(ls -t *.idx | head -1) && chmod u+w $file &&
      for i in $(seq 0 $((($(git show-index < $file | wc -l) - 1)))); do
        printf Z | dd of=$file bs=1 seek=$((1032 + 20 * i + 19)) conv=notrunc status=none
      done)");
  ASSERT_EQ(damaged.exit_code, 0) << damaged.output;
  const auto copied = BackUp(Data(), Copy());
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_TRUE(copied->left.empty()) << copied->left.front().second;
  EXPECT_TRUE(copied->damaged.empty()) << copied->damaged.front().second;
  EXPECT_NE(lines_.find("the copy gets an idx made from its pack"), std::string::npos) << lines_;
  EXPECT_EQ(Findings(Copy()), "");
  const auto restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->commits, 5);
}

TEST_F(DamagedBackupTest, AProjectWithADamagedIdxThatDoesNotGoOnFromTheCopyIsLeft) {
  MakeBackup();
  // The copy has a commit that the data have not, and these another one.
  const std::string older = directory_.path() + "/older";
  ASSERT_TRUE(BackUp(Data(), older).ok());
  ASSERT_TRUE(Put("c.md", "c.md text").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_TRUE(BackUp(Data(), Copy()).ok());
  store_.reset();
  std::filesystem::remove_all(Data());
  std::filesystem::rename(older, Data());
  Open();
  for (const char* path : {"d.md", "e.md"}) ASSERT_TRUE(Put(path, "another").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_EQ(Shell("cd " + Data() + kPacks + " && for f in *.idx; do chmod u+w $f; truncate -s 100 $f; done").exit_code,
            0);
  const std::string refs = "cat " + Copy() + "/repositories/apollo.git/refs/heads/main";
  const std::string before = Shell(refs).output;
  const auto copied = BackUp(Data(), Copy());
  ASSERT_TRUE(copied.ok()) << copied.status();
  ASSERT_EQ(copied->left.size(), 1U);
  EXPECT_EQ(ReasonOf(copied->left.front().second), "BACKUP_LOSES_HISTORY") << copied->left.front().second;
  EXPECT_EQ(Shell(refs).output, before);
  EXPECT_EQ(Findings(Copy()), "");
}

TEST_F(DamagedBackupTest, APackThatOnlyTheCopyHasAndThatCannotBeOpenedKeepsNothingFromBeingCopied) {
  MakeBackup();
  const std::string name = Shell("cd " + Copy() + kPacks + " && basename -s .pack *.pack").output.substr(0, 45);
  // The data lost it, or it was merged; what was merged from it is here.
  ASSERT_TRUE(Put("c.md", "more").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  store_.reset();
  {
    const auto repository = GitRepository::Open(Data() + "/repositories/apollo.git");
    ASSERT_TRUE(repository.ok() && (*repository)->Consolidate(true, [] { return false; }).ok());
  }
  Damage(Copy() + kPacks, name + ".pack", "truncate -s 5 $file");
  const auto copied = BackUp(Data(), Copy());
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_TRUE(copied->left.empty()) << copied->left.front().second;
  EXPECT_EQ(copied->projects, 1);
  EXPECT_NE(lines_.find("keeping '" + name + "' of project 'apollo'"), std::string::npos) << lines_;
}

TEST_F(DamagedBackupTest, TheLocksOfAProjectThatIsLeftAreThoseOfTheFormerCopy) {
  const auto lock = [this](const std::string& number) {
    return Act([number](Transaction& t) { return LockDocument(t, number, "", 3600, ""); }).status();
  };
  const auto locks = [this] {
    const auto journal = OpenRocksDbJournal({.directory = Copy() + "/journal", .read_only = true});
    EXPECT_TRUE(journal.ok()) << journal.status();
    const auto rows = (*journal)->ScanState("locks/", "", 100);
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::string keys;
    for (const auto& [key, value] : *rows) keys += key + " ";
    return keys;
  };
  MakeBackup();
  ASSERT_TRUE(ActOn("gemini", [](Transaction& t) {
                v1::Project project;
                project.set_title("Gemini");
                return CreateProject(t, project);
              }).ok());
  ASSERT_TRUE(ActOn("gemini", [](Transaction& t) {
                v1::Document document;
                document.set_type("specification");
                document.set_title("Orbits");
                return CreateDocument(t, document, "", "ada", "document", "id").status();
              }).ok());
  ASSERT_EQ(lock("SPC-0001"), absl::OkStatus());
  ASSERT_TRUE(BackUp(Data(), Copy()).ok());
  EXPECT_EQ(locks(), "locks/apollo/SPC-0001 ");
  ASSERT_TRUE(Act([](Transaction& t) { return UnlockDocument(t, "SPC-0001", ""); }).ok());
  ASSERT_TRUE(Put("c.md", "c.md text").ok());
  ASSERT_EQ(lock("SPC-0002"), absl::OkStatus());
  ASSERT_TRUE(ActOn("gemini", [](Transaction& t) { return LockDocument(t, "SPC-0001", "", 3600, ""); }).ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const ShellResult damaged =
      Shell("cd " + Data() + kPacks + " && file=$(ls -t *.pack | head -1) && chmod u+w $file && truncate -s 5 $file");
  ASSERT_EQ(damaged.exit_code, 0) << damaged.output;
  const auto copied = BackUp(Data(), Copy());
  ASSERT_TRUE(copied.ok()) << copied.status();
  ASSERT_EQ(copied->left.size(), 1U);
  EXPECT_EQ(copied->left.front().first, "apollo");
  EXPECT_EQ(locks(), "locks/apollo/SPC-0001 locks/gemini/SPC-0001 ");
}

}  // namespace
}  // namespace greffe
