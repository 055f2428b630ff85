// Copies into a folder that has an older copy, or one of other data.
#include "storage/store/backup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "rocksdb/db.h"
#include "storage/store/baseline_acts.h"
#include "storage/store/data_directory.h"
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
  absl::StatusOr<BackupResult> TryToBackUp(bool replace = false) {
    lines_.clear();
    return BackUpData(
        Data(), Copy(), [this](const std::string& line) { lines_ += line + "\n"; }, replace);
  }
  // It is refused for the sake of `what`, and changes nothing.
  void ExpectRefused(const std::string& what) {
    const std::string list = "cd " + Copy() + " && find . -type f -printf '%p %s %T@\\n' | grep -v '^./lock ' | sort";
    const std::string before = Shell(list).output;
    const auto refused = TryToBackUp();
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(refused.status()), "BACKUP_LOSES_HISTORY") << refused.status();
    EXPECT_EQ(ErrorMetadataOf(refused.status(), "project"), "apollo");
    EXPECT_NE(refused.status().message().find(what), std::string::npos) << refused.status();
    EXPECT_EQ(Shell(list).output, before);
  }
  void BackUp(bool replace = false) {
    const auto copied = TryToBackUp(replace);
    ASSERT_TRUE(copied.ok()) << copied.status();
    EXPECT_TRUE(copied->left.empty()) << copied->left.front().second;
    EXPECT_TRUE(copied->damaged.empty()) << copied->damaged.front().second;
    EXPECT_TRUE(copied->lost.empty()) << copied->lost.front().second;
  }
  // All but apollo is copied.
  void BackUpWithoutApollo() {
    const auto copied = TryToBackUp();
    ASSERT_TRUE(copied.ok()) << copied.status();
    ASSERT_EQ(copied->left.size(), 1U);
    EXPECT_EQ(copied->left.front().first, "apollo");
    EXPECT_TRUE(absl::IsDataLoss(copied->left.front().second)) << copied->left.front().second;
    EXPECT_EQ(lines_.find("apollo"), std::string::npos) << "it is told once: " << lines_;
    EXPECT_FALSE(std::filesystem::exists(Copy() + "/UNFINISHED_COPY"));
  }
  // Its row goes from the copy's journal.
  void LoseCommitOfCopy(const std::string& project, char sequence) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : {"default", "commits", "heads", "state"}) families.push_back({name, {}});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, Copy() + "/journal", families, &handles, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    const std::string key = project + std::string(8, '\0') + sequence;
    std::string row;
    ASSERT_TRUE(db->Get({}, handles[1], key, &row).ok());
    ASSERT_TRUE(db->Delete({}, handles[1], key).ok());
    ASSERT_TRUE(db->Flush({}, handles).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
  std::int64_t SequenceOf(const std::string& project) {
    const auto view = store_->View(project);
    return view.ok() ? view->sequence() : 0;
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
    EXPECT_EQ(Findings(Data()), "");
    Open();
  }

  std::string lines_;  // that the latest one told
};

TEST_F(BackupIntoOlderCopyTest, ProjectsThatTheSourceDoesNotHaveGoOnlyWhenAskedFor) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  BeginAnew();
  ExpectRefused("project 'apollo' is in '" + Copy() + "', and not in '" + Data() + "' (and 1 more)");
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ExpectRefused("project 'apollo' is in");
  BackUp(true);
  OpenCopy();
  EXPECT_EQ(Shell("ls " + Data() + "/repositories").output, "gemini.git\n");
  EXPECT_TRUE(MakeProject().ok()) << "nobody has the name";
  EXPECT_FALSE(Make("gemini").ok());
}

TEST_F(BackupIntoOlderCopyTest, ARepositoryThatItsJournalDoesNotKnowIsAProjectToo) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  std::filesystem::remove_all(Copy() + "/journal");
  BeginAnew();
  ExpectRefused("project 'apollo' is in");
}

TEST_F(BackupIntoOlderCopyTest, AHistoryThatTheSourceDoesNotGoOnFromIsReplacedOnlyWhenAskedFor) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  BackUp();
  ASSERT_TRUE(Put("b.md", "not packed").ok());
  BackUp();
  ASSERT_TRUE(Put("c.md", "two").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_TRUE(Put("d.md", "three").ok());
  BackUp();
  // The wrong direction: what was a copy is what is backed up.
  const std::string older = directory_.path() + "/older";
  ASSERT_TRUE(BackUpData(Data(), older, [](const std::string&) {}).ok());
  ASSERT_TRUE(PutLarge("apollo", "e.bin", std::string(2'000'000, 'e')).ok());
  BackUp();
  const std::string large = "find " + Copy() + "/repositories/apollo.git/objects/[0-9a-f][0-9a-f] -type f | wc -l";
  ASSERT_EQ(Shell(large).output, "1\n");
  store_.reset();
  std::filesystem::remove_all(Data());
  std::filesystem::rename(older, Data());
  Open();
  ExpectRefused("project 'apollo' has in '" + Copy() + "' 6 commits, and 5 in '" + Data() + "'");
  ASSERT_TRUE(Put("e.md", "another four").ok());
  for (const bool packed : {false, true}) {
    if (packed) {
      ASSERT_TRUE(Put("f.md", "five").ok());
      ASSERT_TRUE(store_->FlushRepositories().ok());
    }
    ExpectRefused("' another history than in '" + Data() + "': its commit 6 is ");
  }
  BackUp(true);
  EXPECT_EQ(Shell(large).output, "0\n");
  OpenCopy();
  EXPECT_EQ(View().sequence(), 7);
  EXPECT_EQ(Git("show main:e.md"), "another four");
}

TEST_F(BackupIntoOlderCopyTest, ABaselineThatTheSourceDoesNotHaveGoesOnlyWhenAskedFor) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  Freeze("G1");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  // A journal that was lost takes the tags from the repository, which has lost one.
  store_.reset();
  ASSERT_EQ(Shell("cd " + Data() + " && rm -r journal && rm repositories/apollo.git/refs/tags/baselines/G1").exit_code,
            0);
  Open();
  ExpectRefused("project 'apollo' has in '" + Copy() + "' refs/tags/baselines/G1 at ");
}

TEST_F(BackupIntoOlderCopyTest, APackThatTheDataLostStaysUntilOthersHaveItsObjects) {
  ASSERT_TRUE(MakeProject().ok());
  for (const char* path : {"a.md", "b.md", "c.md"}) {
    ASSERT_TRUE(Put(path, "text").ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
  }
  BackUp();
  const std::string list = "ls -tr " + Copy() + "/repositories/apollo.git/objects/pack/*.pack | xargs -n 1 basename";
  const std::string packs = Shell(list).output;
  const std::string first = packs.substr(0, packs.find('.'));
  // As a disk that is bad loses it, or an operator moves a damaged one away.
  store_.reset();
  const std::string folder = Data() + "/repositories/apollo.git/objects/pack";
  ASSERT_EQ(Shell("cd " + folder + " && mv " + first + ".* " + directory_.path()).exit_code, 0);
  for (int i = 0; i < 2; ++i) {
    const auto copied = TryToBackUp();
    ASSERT_TRUE(copied.ok()) << copied.status();
    ASSERT_EQ(copied->lost.size(), 1U) << "it is told until it is mended";
    EXPECT_NE(copied->lost.front().second.message().find(first), std::string::npos) << copied->lost.front().second;
  }
  EXPECT_EQ(Shell(list).output, packs);
  EXPECT_EQ(Findings(Copy()), "");
  // Found again, and merged with the others.
  ASSERT_EQ(Shell("cd " + folder + " && mv " + directory_.path() + "/" + first + ".* .").exit_code, 0);
  {
    const auto repository = GitRepository::Open(Data() + "/repositories/apollo.git");
    ASSERT_TRUE(repository.ok() && (*repository)->Consolidate(true, [] { return false; }).ok());
  }
  BackUp();
  EXPECT_EQ(lines_, "");
  EXPECT_EQ(Shell("ls " + folder).output, Shell("ls " + Copy() + "/repositories/apollo.git/objects/pack").output);
  OpenCopy();
}

TEST_F(BackupIntoOlderCopyTest, APackThatTheDataLostBeforeTheFirstBackupIsToldAndNotRestored) {
  ASSERT_TRUE(MakeProject().ok());
  for (const char* path : {"a.md", "b.md"}) {
    ASSERT_TRUE(Put(path, "text").ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
  }
  store_.reset();
  const std::string packs = Data() + "/repositories/apollo.git/objects/pack/";
  const std::string of_a = Git("rev-parse main~1").substr(0, 40);
  ASSERT_EQ(Shell("for i in " + packs + "*.idx; do git show-index <$i | grep -q " + of_a +
                  " && rm ${i%.idx}.*; done; " + "ls " + packs + "*.pack | wc -l")
                .output,
            "1\n");
  const auto copied = TryToBackUp();
  ASSERT_TRUE(copied.ok()) << copied.status();
  ASSERT_EQ(copied->lost.size(), 1U);
  EXPECT_EQ(copied->lost.front().first, "apollo");
  EXPECT_NE(copied->lost.front().second.message().find("is missing"), std::string::npos) << copied->lost.front().second;
  const auto restored = RestoreData(Copy(), directory_.path() + "/restored", [](const std::string&) {});
  EXPECT_EQ(ReasonOf(restored.status()), "BACKUP_DAMAGED") << restored.status();
}

TEST_F(BackupIntoOlderCopyTest, WhatADamagedPackWasMergedFromStaysInTheCopy) {
  ASSERT_TRUE(MakeProject().ok());
  for (const char* path : {"a.md", "b.md", "c.md"}) {
    ASSERT_TRUE(Put(path, "text").ok());
    ASSERT_TRUE(store_->FlushRepositories().ok());
  }
  BackUp();
  store_.reset();
  const std::string folder = "/repositories/apollo.git/objects/pack";
  const auto list = [&](const std::string& data) { return Shell("cd " + data + folder + " && ls *.pack").output; };
  const std::string former = list(Copy());
  {
    const auto repository = GitRepository::Open(Data() + "/repositories/apollo.git");
    ASSERT_TRUE(repository.ok() && (*repository)->Consolidate(true, [] { return false; }).ok());
  }
  const std::string merged(absl::StripSuffix(list(Data()), "\n"));
  const std::string path = Data() + folder + "/" + merged;
  ASSERT_EQ(Shell("cd " + directory_.path() + " && cp " + path + " sound && chmod u+w " + path +
                  " && printf Z | dd of=" + path + " bs=1 seek=200 conv=notrunc status=none")
                .exit_code,
            0);
  // Also when it is there already.
  for (int i = 0; i < 2; ++i) {
    const auto copied = TryToBackUp();
    ASSERT_TRUE(copied.ok()) << copied.status();
    ASSERT_EQ(copied->damaged.size(), 1U);
    EXPECT_EQ(copied->damaged.front().first, "apollo");
    EXPECT_NE(copied->damaged.front().second.message().find(merged), std::string::npos);
    const std::vector<std::string> both = absl::StrSplit(former + merged, '\n');
    for (const std::string& pack : both) {
      EXPECT_NE(list(Copy()).find(pack), std::string::npos) << pack;
    }
  }
  ASSERT_EQ(Shell("cp -f " + directory_.path() + "/sound " + path).exit_code, 0);
  BackUp();
  EXPECT_EQ(list(Copy()), list(Data()));
  OpenCopy();
}

TEST_F(BackupIntoOlderCopyTest, AFileOfAnotherSizeIsCopiedAgainFromOneThatHasItsHash) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(PutLarge("apollo", "large.bin", std::string(2'000'000, 'l')).ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  const std::string cut =
      "/repositories/apollo.git/objects/ && for f in pack/*.pack pack/*.idx [0-9a-f][0-9a-f]/*; do chmod u+w $f && "
      "truncate -s -3 $f; done";
  ASSERT_EQ(Shell("cd " + Copy() + cut).exit_code, 0);
  BackUp();
  EXPECT_NE(lines_.find(".pack' again: it had "), std::string::npos) << lines_;
  EXPECT_EQ(Findings(Copy()), "");
  // It is the data that are damaged.
  ASSERT_EQ(Shell("cd " + Data() + cut).exit_code, 0);
  BackUp();
  EXPECT_NE(lines_.find("keeping '" + Copy()), std::string::npos) << lines_;
  OpenCopy();
}

TEST_F(BackupIntoOlderCopyTest, AContentThatWasDamagedAndCameBackIsSoundInTheCopyToo) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(PutLarge("apollo", "large.bin", std::string(2'000'000, 'l')).ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string file = Shell("cd " + Data() + "/repositories/apollo.git/objects && ls [0-9a-f][0-9a-f]/*").output;
  const std::string path = Data() + "/repositories/apollo.git/objects/" + file.substr(0, file.size() - 1);
  ASSERT_EQ(Shell("cp -p " + path + " " + path + ".sound").exit_code, 0);
  // Without its time, as it is written anew, and with it, as an upload comes to its place after a while.
  for (const std::string kept : {"cp ", "cp -p "}) {
    SCOPED_TRACE(kept);
    ASSERT_EQ(Shell("rm -f " + Copy() + path.substr(Data().size()) + " && chmod u+w " + path +
                    " && printf Z | dd of=" + path + " bs=1 seek=70000 conv=notrunc status=none")
                  .exit_code,
              0);
    const auto copied = TryToBackUp();
    ASSERT_TRUE(copied.ok()) << copied.status();
    ASSERT_EQ(copied->damaged.size(), 1U);
    EXPECT_NE(copied->damaged.front().second.message().find(path), std::string::npos) << copied->damaged.front().second;
    EXPECT_NE(Findings(Copy()), "");
    ASSERT_EQ(Shell("rm -f " + path + " && " + kept + path + ".sound " + path).exit_code, 0);
    BackUp();
    EXPECT_NE(lines_.find("its bytes have another hash"), std::string::npos) << lines_;
    EXPECT_EQ(Findings(Copy()), "");
  }
  ASSERT_EQ(Shell("rm -f " + path + ".sound").exit_code, 0);
  // One that is newer in the data and sound in the copy is looked at once.
  ASSERT_EQ(Shell("touch " + path).exit_code, 0);
  lines_.clear();
  BackUp();
  EXPECT_EQ(lines_.find("again"), std::string::npos) << lines_;
  EXPECT_EQ(Findings(Copy()), "");
}

TEST_F(BackupIntoOlderCopyTest, ACopyThatCannotBeReadIsReplacedOnlyWhenAskedFor) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  for (const char* file : {"MANIFEST-*", "CURRENT"}) {
    ASSERT_EQ(Shell("rm " + Copy() + "/journal/" + file).exit_code, 0);
    EXPECT_FALSE(TryToBackUp().ok()) << file;
    BackUp(true);
  }
  OpenCopy();
}

TEST_F(BackupIntoOlderCopyTest, ADamagedProjectStaysAsItWasInTheCopyAndTheOthersAreCopied) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  Freeze("G1");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_TRUE(Put("b.md", "not packed").ok());
  ASSERT_TRUE(Make("gemini").ok());
  BackUp();
  ASSERT_TRUE(Put("c.md", "more").ok());
  ASSERT_TRUE(Make("zeus").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  // Neither what its main leads to can be read, nor whether that goes on from the copy.
  const std::string packs = "repositories/apollo.git/objects/pack";
  ASSERT_EQ(Shell("cd " + Data() + " && mkdir away && mv $(ls -td " + packs + "/* | head -2) away").exit_code, 0);
  for (int i = 0; i < 2; ++i) BackUpWithoutApollo();
  const std::string restored = directory_.path() + "/restored";
  const auto put_back = RestoreData(Copy(), restored, [](const std::string&) {});
  ASSERT_TRUE(put_back.ok()) << put_back.status();
  EXPECT_EQ(put_back->projects, 3);
  EXPECT_EQ(put_back->commits, 4 + 1 + 1);
  EXPECT_EQ(Findings(restored), "");
  ASSERT_EQ(Shell("cd " + Data() + " && mv away/* " + packs + " && rmdir away").exit_code, 0);
  BackUp();
  OpenCopy();
  EXPECT_EQ(SequenceOf("apollo"), 5);
  EXPECT_EQ(SequenceOf("gemini"), 1);
  EXPECT_EQ(SequenceOf("zeus"), 1);
}

TEST_F(BackupIntoOlderCopyTest, AProjectThatCannotBeReadInTheCopyEitherIsLeftOutAndTheOthersAreCopied) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_TRUE(Put("a.md", "not packed").ok());
  ASSERT_TRUE(Put("b.md", "nor that").ok());
  BackUp();
  ASSERT_TRUE(Put("c.md", "more").ok());
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string packs = "/repositories/apollo.git/objects/pack";
  ASSERT_EQ(Shell("cd " + Data() + " && mkdir away && mv ." + packs + "/* away").exit_code, 0);
  LoseCommitOfCopy("apollo", 3);
  const auto copied = TryToBackUp();
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->projects, 1);
  EXPECT_TRUE(copied->left.empty());
  ASSERT_EQ(copied->left_out.size(), 1U);
  EXPECT_EQ(copied->left_out.front().first, "apollo");
  EXPECT_NE(copied->left_out.front().second.message().find("commit 3 of 'apollo' is missing"), std::string::npos)
      << copied->left_out.front().second;
  EXPECT_TRUE(std::filesystem::exists(Copy() + "/journal.damaged/CURRENT")) << "it has what there is of apollo";
  const std::string findings = Findings(Copy());
  EXPECT_NE(findings.find("does not know the repository of project 'apollo'"), std::string::npos) << findings;
  // Nor can its repository, which alone has something of it there.
  ASSERT_EQ(Shell("mkdir " + directory_.path() + "/lost && mv " + Copy() + packs + "/* " + directory_.path() + "/lost")
                .exit_code,
            0);
  BackUpWithoutApollo();
  ASSERT_EQ(Shell("mv " + directory_.path() + "/lost/* " + Copy() + packs).exit_code, 0);
  ASSERT_EQ(Shell("cd " + Data() + " && mv away/* ." + packs + " && rmdir away").exit_code, 0);
  BackUp();
  OpenCopy();
  EXPECT_EQ(SequenceOf("apollo"), 4);
  EXPECT_EQ(SequenceOf("gemini"), 1);
}

TEST_F(BackupIntoOlderCopyTest, AJournalThatCannotBeReadIsKeptWhenAProjectCannotBeCopied) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_TRUE(Put("a.md", "not packed").ok());
  BackUp();
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_EQ(Shell("rm " + Data() + "/repositories/apollo.git/objects/pack/*").exit_code, 0);
  ASSERT_EQ(Shell("rm " + Copy() + "/journal/MANIFEST-*").exit_code, 0);
  const auto copied = TryToBackUp(true);
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->projects, 1);
  EXPECT_TRUE(copied->left.empty());
  ASSERT_EQ(copied->left_out.size(), 1U);
  EXPECT_EQ(copied->left_out.front().first, "apollo");
  EXPECT_TRUE(std::filesystem::exists(Copy() + "/journal.damaged/CURRENT")) << "it has what there is of apollo";
}

TEST_F(BackupIntoOlderCopyTest, AProjectThatIsDamagedAtItsFirstBackupIsLeftOutUntilItIsSound) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_EQ(Shell("cd " + Data() + " && mkdir ../pack && mv repositories/apollo.git/objects/pack/* ../pack").exit_code,
            0);
  BackUpWithoutApollo();
  EXPECT_EQ(Findings(Copy()), "");
  ASSERT_EQ(Shell("cd " + Data() + " && mv ../pack/* repositories/apollo.git/objects/pack/").exit_code, 0);
  BackUp();
  OpenCopy();
  EXPECT_EQ(SequenceOf("apollo"), 1);
  EXPECT_EQ(SequenceOf("gemini"), 1);
}

TEST_F(BackupIntoOlderCopyTest, AProjectThatCouldNotBeTakenUpBehindALostJournalStaysInTheCopy) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string packs = Data() + "/repositories/apollo.git/objects/pack";
  const std::string first = Shell("ls -d " + packs + "/* | tr '\\n' ' '").output;
  ASSERT_TRUE(Put("a.md", "in a pack of its own").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  store_.reset();
  ASSERT_EQ(Shell("rm -r " + Data() + "/journal " + first).exit_code, 0);
  Open();
  ASSERT_TRUE(absl::IsDataLoss(store_->View("apollo").status()));
  BackUpWithoutApollo();
  const auto replaced = TryToBackUp(true);
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  ASSERT_EQ(replaced->left.size(), 1U);
  EXPECT_EQ(replaced->left[0].first, "apollo");
  EXPECT_EQ(ReasonOf(replaced->left[0].second), "REPOSITORY_UNKNOWN") << replaced->left[0].second;

  // Into a folder without a copy comes what there is of it, under no name.
  const std::string other = directory_.path() + "/other";
  const auto copied = BackUpData(Data(), other, [](const std::string&) {});
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->projects, 1);
  EXPECT_EQ(copied->left.size(), 1U);
  EXPECT_EQ(Shell("ls " + other + "/repositories/apollo.git/objects/pack").output, Shell("ls " + packs).output);
  EXPECT_EQ(Findings(other), "");
  const auto restored = RestoreData(Data(), directory_.path() + "/restored", [](const std::string&) {});
  EXPECT_EQ(ReasonOf(restored.status()), "BACKUP_DAMAGED") << restored.status();

  OpenCopy();
  EXPECT_EQ(SequenceOf("apollo"), 2);
  EXPECT_EQ(SequenceOf("gemini"), 1);
}

TEST_F(BackupIntoOlderCopyTest, APackThatLostItsIndexIsCopiedAllTheSame) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "a").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_EQ(Shell("rm " + Data() + "/repositories/apollo.git/objects/pack/*.idx").exit_code, 0);
  ASSERT_TRUE(Put("b.md", "b").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  store_.reset();
  BackUp();
  const std::string packs = Copy() + "/repositories/apollo.git/objects/pack/";
  EXPECT_EQ(Shell("ls " + packs + "*.idx | wc -l").output, "2\n");
  EXPECT_EQ(Findings(Copy()), "");
  ASSERT_EQ(Shell("rm $(ls -t " + packs + "*.idx | tail -1)").exit_code, 0);
  const std::string restored = directory_.path() + "/restored";
  const auto put_back = RestoreData(Copy(), restored, [](const std::string&) {});
  ASSERT_TRUE(put_back.ok()) << put_back.status();
  EXPECT_EQ(Findings(restored), "");
}

TEST_F(BackupIntoOlderCopyTest, APackOfWhichNoIndexCanBeMadeLeavesItsProjectOut) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  const std::string pack = Data() + "/repositories/apollo.git/objects/pack/pack-" + std::string(40, '0') + ".pack";
  ASSERT_EQ(Shell("echo 'no pack' > " + pack).exit_code, 0);
  BackUpWithoutApollo();
  std::filesystem::remove(pack);
  std::filesystem::remove(Copy() + pack.substr(Data().size()));
  BackUp();
  OpenCopy();
  EXPECT_EQ(SequenceOf("apollo"), 1);
}

TEST_F(BackupIntoOlderCopyTest, ARestoreOfADamagedBackupIsNoDataUntilTheBackupIsMended) {
  for (const char* project : {"apollo", "gemini", "zeus"}) ASSERT_TRUE(Make(project).ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  const std::string away = "cd " + Copy() + "/repositories && for p in apollo zeus; do mkdir ../../$p && mv ";
  ASSERT_EQ(Shell(away + "$p.git/objects/pack/* ../../$p; done").exit_code, 0);
  const std::string restored = directory_.path() + "/restored";
  const auto restore = [&] {
    return RestoreData(Copy(), restored, [this](const std::string& line) { lines_ += line + "\n"; });
  };
  for (int i = 0; i < 2; ++i) {
    lines_.clear();
    const auto refused = restore();
    EXPECT_TRUE(absl::IsDataLoss(refused.status())) << refused.status();
    EXPECT_EQ(ReasonOf(refused.status()), "BACKUP_DAMAGED");
    EXPECT_EQ(ErrorMetadataOf(refused.status(), "project"), "apollo");
    EXPECT_NE(lines_.find("project 'zeus': "), std::string::npos) << lines_;
    EXPECT_EQ(ReasonOf(TakeDataDirectory(restored).status()), "DATA_COPY_UNFINISHED") << "nothing starts on it";
  }
  ASSERT_EQ(Shell("cd " + Copy() + "/repositories && for p in apollo zeus; do mv ../../$p/* $p.git/objects/pack/; done")
                .exit_code,
            0);
  const auto whole = restore();
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->projects, 3);
  EXPECT_TRUE(TakeDataDirectory(restored).ok());
  EXPECT_EQ(Findings(restored), "");
}

TEST_F(BackupIntoOlderCopyTest, ARefusedRestoreLeavesAFolderOfRepositoriesAsItWas) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  ASSERT_TRUE(Put("a.md", "newer").ok());
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  for (const char* part : {"journal", "index", "format", "lock", "uploads"}) {
    std::filesystem::remove_all(Data() + "/" + part);
  }
  for (int i = 0; i < 2; ++i) {
    const auto refused = RestoreData(Copy(), Data(), [](const std::string&) {});
    EXPECT_EQ(ReasonOf(refused.status()), "BACKUP_LOSES_HISTORY") << refused.status();
    EXPECT_EQ(refused.status().message().find("--replace"), std::string::npos) << "which it does not have";
  }
  EXPECT_EQ(Shell("ls " + Data()).output, "lock\nrepositories\n");
  Open();
  ASSERT_NE(store_, nullptr);
  EXPECT_EQ(View().sequence(), 2);
}

TEST_F(BackupIntoOlderCopyTest, RefsThatAreAsTheyShouldBeStay) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  Freeze("G1");
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  const auto files = [&] {
    return Shell("cd " + Copy() + "/repositories && find */refs -type f -printf '%p %i %C@\\n' | sort").output;
  };
  const std::string before = files();
  EXPECT_EQ(std::count(before.begin(), before.end(), '\n'), 3) << before;
  BackUp();
  EXPECT_EQ(files(), before);
  ASSERT_TRUE(Put("b.md", "two").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  const std::vector<std::string> now = absl::StrSplit(files(), '\n');
  int changed = 0;
  for (const std::string& line : now) changed += before.find(line) == std::string::npos ? 1 : 0;
  EXPECT_EQ(changed, 1) << "the main of one of them";
  EXPECT_EQ(Findings(Copy()), "");
}

TEST_F(BackupIntoOlderCopyTest, OneThatFailsLeavesTheFormerCopyOfUse) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_TRUE(Put("b.md", "not packed").ok());
  BackUp();
  ASSERT_TRUE(Put("c.md", "more").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_EQ(Shell("cd " + Data() + " && rm journal/CURRENT").exit_code, 0);
  EXPECT_FALSE(TryToBackUp().ok());
  EXPECT_FALSE(std::filesystem::exists(Copy() + "/UNFINISHED_COPY"));
  const std::string restored = directory_.path() + "/restored";
  const auto put_back = RestoreData(Copy(), restored, [](const std::string&) {});
  ASSERT_TRUE(put_back.ok()) << put_back.status();
  EXPECT_EQ(put_back->commits, 3);
  OpenCopy();
  EXPECT_EQ(View().sequence(), 3);
}

TEST_F(BackupIntoOlderCopyTest, OneThatEndedBetweenTheNamesIsMadeGood) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  ASSERT_EQ(
      Shell("cd " + Copy() + " && touch UNFINISHED_COPY && mv journal journal.old && mkdir journal.new").exit_code, 0);
  BackUp();
  EXPECT_EQ(Shell("ls " + Copy()).output, "format\njournal\nlock\nrepositories\n");
  OpenCopy();
  EXPECT_EQ(View().sequence(), 2);
}

TEST_F(BackupIntoOlderCopyTest, OneThatEndedBeforeTheRefsIsMadeGoodForAProjectThatIsDamagedSince) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Make("gemini").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string ref = Copy() + "/repositories/apollo.git/refs/heads/main";
  BackUp();
  const std::string before = Shell("cat " + ref).output;
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  const std::string after = Shell("cat " + ref).output;
  ASSERT_NE(after, before);
  ASSERT_EQ(Shell("printf '" + before + "' > " + ref + " && touch " + Copy() + "/UNFINISHED_COPY").exit_code, 0);
  ASSERT_TRUE(Put("b.md", "lost").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string packs = Data() + "/repositories/apollo.git/objects/pack";
  ASSERT_EQ(Shell("cd " + packs + " && rm -f $(ls -t | head -2)").exit_code, 0);
  BackUpWithoutApollo();
  EXPECT_EQ(Shell("cat " + ref).output, after);
  OpenCopy();
  EXPECT_EQ(SequenceOf("apollo"), 2);
}

TEST_F(BackupIntoOlderCopyTest, ARestoreBesideItIsWholeOrRefused) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  BackUp();
  constexpr int kRounds = 20;
  std::atomic<int> backed_up = 0;
  std::thread other([&] {
    for (; backed_up < kRounds; ++backed_up) {
      EXPECT_TRUE(Put(std::to_string(backed_up) + ".md", "text").ok());
      if (backed_up % 2 == 0) {
        EXPECT_TRUE(store_->FlushRepositories().ok());
      }
      BackUp();
    }
  });
  int whole = 0;
  while (backed_up < kRounds) {
    const std::string place = directory_.path() + "/restored";
    std::filesystem::remove_all(place);
    const int least = backed_up;
    const auto restored = RestoreData(Copy(), place, [](const std::string&) {});
    if (!restored.ok()) {
      const std::string reason = ReasonOf(restored.status());
      EXPECT_TRUE(reason == "DATA_COPY_UNFINISHED" || reason == "JOURNAL_CHANGED") << restored.status();
      continue;
    }
    ++whole;
    EXPECT_GE(restored->commits, 1 + least);
    EXPECT_EQ(Findings(place), "");
  }
  other.join();
  EXPECT_GT(whole, 0);
}

TEST_F(BackupIntoOlderCopyTest, ARestoreThatEndedInItsFirstMomentsIsRepeated) {
  ASSERT_TRUE(MakeProject().ok());
  BackUp();
  EXPECT_EQ(std::filesystem::status(Copy()).permissions(), std::filesystem::perms::owner_all);
  const std::string restored = directory_.path() + "/restored";
  const auto restore = [&] { return RestoreData(Copy(), restored, [](const std::string&) {}).status(); };
  // The mark comes first, the format behind it.
  ASSERT_TRUE(TakeDataDirectory(restored, true).ok());
  ASSERT_TRUE(std::filesystem::exists(restored + "/UNFINISHED_COPY"));
  ASSERT_TRUE(std::filesystem::remove(restored + "/format"));
  const absl::Status again = restore();
  EXPECT_TRUE(again.ok()) << again;
  EXPECT_EQ(Findings(restored), "");
  std::filesystem::remove_all(restored);
  ASSERT_TRUE(TakeDataDirectory(restored, true).ok());
  EXPECT_TRUE(restore().ok());
  EXPECT_EQ(ReasonOf(restore()), "DATA_DIRECTORY_IN_USE");
}

TEST_F(BackupIntoOlderCopyTest, AFirstOneThatFailsIsNoData) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  // Where repositories are to be is something else.
  ASSERT_EQ(Shell("mkdir " + Copy() + " && cd " + Copy() + " && echo 1 > format && touch repositories").exit_code, 0);
  EXPECT_FALSE(TryToBackUp(true).ok());
  EXPECT_TRUE(std::filesystem::exists(Copy() + "/UNFINISHED_COPY"));
  ASSERT_EQ(Shell("rm " + Copy() + "/repositories").exit_code, 0);
  BackUp();
  OpenCopy();
}

TEST_F(BackupIntoOlderCopyTest, TagsOfAHistoryThatIsReplacedGo) {
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
  BackUp(true);
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
    BackUp(true);
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
