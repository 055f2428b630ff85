#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "storage/base/filter.h"
#include "storage/index/state.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/deliverable_acts.h"
#include "storage/store/lock_acts.h"
#include "storage/store/maintenance.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class RecoveryTest : public StoreFixture {
 protected:
  // "apollo" and "gemini".
  void MakeTwoProjectsAndStop() {
    ASSERT_TRUE(MakeProject().ok());
    ASSERT_TRUE(ActOn("gemini", [](Transaction& t) {
                  v1::Project project;
                  project.set_title("Gemini");
                  return CreateProject(t, project);
                }).ok());
    ASSERT_TRUE(store_->Close().ok());
    store_.reset();
  }
  void Fill() {
    ASSERT_TRUE(MakeProject().ok());
    for (int i = 0; i < 30; ++i) {
      ASSERT_TRUE(Put("docs/" + std::to_string(i) + ".md", "text " + std::to_string(i)).ok());
    }
    ASSERT_TRUE(Put("", "again", "SPC-0003").ok());
    ASSERT_TRUE(Act([](Transaction& t) { return MoveDocument(t, "SPC-0004", "moved/x.md", "", "path"); }).ok());
    ASSERT_TRUE(Act([](Transaction& t) { return WithdrawDocument(t, "SPC-0005", ""); }).ok());
    ASSERT_TRUE(Act([](Transaction& t) { return ReinstateDocument(t, "SPC-0005", "", "", "path"); }).ok());
    ASSERT_TRUE(Put("", "request", "SPC-0006", "r-1").ok());
  }
  std::string Data() const { return directory_.path() + "/data"; }
};

TEST_F(RecoveryTest, AnIndexThatWasDeletedComesBackEqual) {
  Fill();
  const std::string before = DumpIndex();
  store_.reset();
  std::filesystem::remove_all(Data() + "/index");
  Open();
  EXPECT_EQ(DumpIndex(), before);
}

// Such as a project has that went back to an older state.
TEST_F(RecoveryTest, WhatAVerificationOfTheIndexLeftThatWasKilledIsGone) {
  const std::string beside = directory_.path() + "/data/index.verify";
  std::filesystem::create_directories(beside);
  std::ofstream(beside + "/000012.sst") << "rows";
  store_.reset();
  Open();
  EXPECT_FALSE(std::filesystem::exists(beside));
}

TEST_F(RecoveryTest, TheLockOfADocumentThatIsGoneIsNotThatOfANewOneOfItsNumber) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  store_.reset();
  {
    const auto journal = OpenRocksDbJournal({.directory = Data() + "/journal"});
    ASSERT_TRUE(journal.ok()) << journal.status();
    v1::Lock lock;
    lock.set_holder("bob");
    *lock.mutable_expire_time() = ToTimestamp(clock_.Now() + kMicrosPerDay);
    CommitGroup group;
    group.repository = "apollo";
    group.state.push_back(LockTable::Row("apollo", "SPC-0002", lock));
    ASSERT_TRUE((*journal)->Append(group).ok());
  }
  Open();
  ASSERT_TRUE(store_->locks().Find("apollo", "SPC-0002"));
  const auto put = Put("b.md", "two");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(put->documents[0].name(), "projects/apollo/documents/SPC-0002");
  for (const bool restarted : {false, true}) {
    if (restarted) {
      store_.reset();
      Open();
    }
    EXPECT_FALSE(store_->locks().Find("apollo", "SPC-0002"));
  }
}

TEST_F(RecoveryTest, RepositoriesAloneAreEnough) {
  Fill();
  const std::string before = DumpIndex();
  store_.reset();
  std::filesystem::remove_all(Data() + "/index");
  std::filesystem::remove_all(Data() + "/journal");
  Open();
  EXPECT_EQ(DumpIndex(), before);
  EXPECT_TRUE(Put("docs/new.md", "goes on").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(RecoveryTest, AnIndexThatIsAheadIsDiscarded) {
  Fill();
  store_.reset();
  std::filesystem::copy(Data(), directory_.path() + "/old", std::filesystem::copy_options::recursive);
  Open();
  ASSERT_TRUE(Put("docs/lost.md", "x").ok());
  store_.reset();
  std::filesystem::remove_all(directory_.path() + "/old/index");
  std::filesystem::rename(Data() + "/index", directory_.path() + "/old/index");
  std::filesystem::remove_all(Data());
  std::filesystem::rename(directory_.path() + "/old", Data());
  Open();
  EXPECT_EQ(ReasonOf(View().FindByPath("docs/lost.md").status()), "DOCUMENT_NOT_FOUND");
  EXPECT_TRUE(View().FindByPath("docs/1.md").ok());
}

// The rows of the one are on their way into it when it shows that it does not fit the other.
TEST_F(RecoveryTest, AnIndexBehindOneProjectAndAheadOfAnotherIsMadeAgain) {
  const auto document_in_borealis = [this] {
    return ActOn("borealis", [](Transaction& transaction) {
      v1::Document document;
      document.set_path("a.md");
      return CreateDocument(transaction, document, "", "ada", "document", "id").status();
    });
  };
  Fill();
  ASSERT_TRUE(ActOn("borealis", [](Transaction& transaction) {
                v1::Project project;
                project.set_title("Borealis");
                return CreateProject(transaction, project);
              }).ok());
  store_.reset();
  const std::string old = directory_.path() + "/old";
  const std::string ahead = directory_.path() + "/ahead";
  std::filesystem::copy(Data(), old, std::filesystem::copy_options::recursive);
  Open();
  const auto lost = document_in_borealis();
  ASSERT_TRUE(lost.ok()) << lost.status();
  store_.reset();
  std::filesystem::rename(Data() + "/index", ahead);
  std::filesystem::remove_all(Data());
  std::filesystem::rename(old, Data());
  Open();
  ASSERT_TRUE(Put("docs/new.md", "x").ok());
  const std::string before = DumpIndex();
  store_.reset();
  std::filesystem::remove_all(Data() + "/index");
  std::filesystem::rename(ahead, Data() + "/index");
  Open();
  EXPECT_EQ(DumpIndex(), before);
  EXPECT_TRUE(document_in_borealis().ok());
  EXPECT_TRUE(Put("docs/newer.md", "goes on").ok());
}

TEST_F(RecoveryTest, ADamagedProjectIsSetApartAndTheOthersWork) {
  MakeTwoProjectsAndStop();
  std::ofstream(Data() + "/repositories/gemini.git/refs/heads/main", std::ios::trunc);
  Open();
  EXPECT_TRUE(store_->View("apollo").ok());
  EXPECT_TRUE(Put("more.md", "x").ok());
  EXPECT_EQ(store_->View("gemini").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(store_->Status().quarantined_projects(0), "projects/gemini");
  EXPECT_NE(progress_.back().find("refs/heads/main"), std::string::npos) << progress_.back();
}

TEST_F(RecoveryTest, AProjectWhoseRefIsAFileTooLargeForOneIsSetApartAndTheOthersWork) {
  MakeTwoProjectsAndStop();
  std::ofstream(Data() + "/repositories/gemini.git/refs/heads/main") << std::string(10'000, 'x');
  Open();
  ASSERT_NE(store_, nullptr);
  EXPECT_TRUE(Put("more.md", "x").ok());
  EXPECT_EQ(store_->View("gemini").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RecoveryTest, AFolderAmongTheUploadsIsLeftAlone) {
  MakeTwoProjectsAndStop();
  const std::string folder = Data() + "/uploads/lost+found";
  std::filesystem::create_directory(folder);
  std::ofstream(Data() + "/uploads/apollo_7") << "of an upload that is no more";
  Open();
  ASSERT_NE(store_, nullptr);
  EXPECT_TRUE(Put("more.md", "x").ok());
  EXPECT_TRUE(std::filesystem::exists(folder));
  EXPECT_FALSE(std::filesystem::exists(Data() + "/uploads/apollo_7"));
}

TEST_F(RecoveryTest, ARepositoryThatLacksAFolderIsSetApartAndTheOthersWork) {
  MakeTwoProjectsAndStop();
  std::filesystem::remove_all(Data() + "/index");
  std::filesystem::remove_all(Data() + "/repositories/gemini.git/objects/pack");
  Open();
  EXPECT_TRUE(Put("more.md", "x").ok());
  EXPECT_EQ(store_->View("gemini").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RecoveryTest, ARepositoryWithAFileForAFolderIsSetApartAndTheOthersWork) {
  MakeTwoProjectsAndStop();
  std::filesystem::remove_all(Data() + "/index");
  const std::string objects = Data() + "/repositories/gemini.git/objects";
  std::filesystem::remove_all(objects);
  std::ofstream(objects) << "no folder";
  Open();
  ASSERT_NE(store_, nullptr);
  EXPECT_TRUE(Put("more.md", "x").ok());
  const absl::Status apart = store_->View("gemini").status();
  EXPECT_EQ(apart.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(apart.message().find("Not a directory"), std::string::npos) << apart;
}

TEST_F(RecoveryTest, ARecordOfAProjectThatIsGoneIsFoundAndKeepsTheProjectOutOfANewIndex) {
  MakeTwoProjectsAndStop();
  const ShellResult lost = Shell(
      "cd " + Data() + "/repositories/gemini.git && blob=$(git rev-parse main:.greffe/project.json) && mkdir away && " +
      "mv objects/pack/pack-* away && for pack in away/*.pack; do git unpack-objects -q < $pack; done && rm -r away "
      "&& " +
      "rm -f objects/$(echo $blob | cut -c 1-2)/$(echo $blob | cut -c 3-)");
  ASSERT_EQ(lost.exit_code, 0) << lost.output;
  std::string findings;
  const auto verified = VerifyData(
      Data(), [](const std::string&) {}, [&](const std::string& line) { findings += line + "\n"; });
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->findings, 1) << findings;
  EXPECT_NE(findings.find("projects/gemini"), std::string::npos) << findings;
  std::string lines;
  const auto refused = RebuildIndex(Data(), [&](const std::string& line) { lines += line + "\n"; });
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(*refused, 1);
  EXPECT_NE(lines.find("project 'gemini' is not in the index"), std::string::npos) << lines;
  std::vector<std::string> differences;
  const auto compared = VerifyIndex(
      Data(), [](const std::string&) {}, [&](const std::string& line) { differences.push_back(line); });
  ASSERT_TRUE(compared.ok()) << compared.status();
  ASSERT_EQ(differences.size(), 1U) << "what is in neither index is no reason to call them right";
  EXPECT_NE(differences[0].find("project 'gemini' is not in the index"), std::string::npos) << differences[0];
}

TEST_F(RecoveryTest, VerificationFindsARepositoryThatCouldNotBeTakenUp) {
  MakeTwoProjectsAndStop();
  const std::string first = Git("rev-parse main").substr(0, 40);
  const std::string list = "cd " + Data() + "/repositories/apollo.git/objects/pack && ls -d $PWD/*";
  const std::string packs = Shell(list).output;
  Open();
  ASSERT_TRUE(Put("a.md", "in a pack of its own").ok());
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  std::istringstream files(packs);
  for (std::string file; std::getline(files, file);) ASSERT_TRUE(std::filesystem::remove(file)) << file;
  std::filesystem::remove_all(Data() + "/journal");
  Open();
  ASSERT_EQ(store_->View("apollo").status().code(), absl::StatusCode::kDataLoss);
  store_.reset();
  std::vector<std::string> findings;
  const auto verified = VerifyData(
      Data(), [](const std::string&) {}, [&](const std::string& line) { findings.push_back(line); });
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->counts.projects, 2);
  ASSERT_EQ(verified->findings, 2);
  EXPECT_NE(findings[0].find("does not know the repository of project 'apollo'"), std::string::npos) << findings[0];
  EXPECT_NE(findings[1].find(first + " is missing"), std::string::npos) << findings[1];
}

// "mercury" is a copy of "gemini" whose newest commit was edited. `edit` is a filter of the commit's text, in a shell
// that has $blob, the record of the project with another format.
class RecoveryOfForeignTest : public RecoveryTest {
 protected:
  void MakeMercury(const std::string& edit) {
    MakeTwoProjectsAndStop();
    const ShellResult made =
        Shell("set -e; cd " + Data() + R"(/repositories; cp -r gemini.git mercury.git; cd mercury.git
        record=$(git log -1 --format='%(trailers:key=Greffe-Project,valueonly)' main | head -1)
        blob=$(git cat-file blob $record | sed 's/"format": 1/"format": 99/' | git hash-object -w --stdin)
        commit=$(git cat-file commit main | )" +
              edit + R"( | git hash-object -t commit -w --stdin)
        git update-ref refs/heads/main $commit)");
    ASSERT_EQ(made.exit_code, 0) << made.output;
  }

  void ExpectSetApart(absl::StatusCode code, const std::string& finding) {
    for (int start = 1; start <= 2; ++start) {
      Open();
      ASSERT_NE(store_, nullptr);
      EXPECT_TRUE(Put(std::to_string(start) + ".md", "x").ok());
      const absl::Status apart = store_->View("mercury").status();
      EXPECT_EQ(apart.code(), code) << apart;
      EXPECT_NE(apart.message().find(finding), std::string::npos) << apart;
      EXPECT_NE(apart.message().find("mercury"), std::string::npos) << apart;
      store_.reset();
    }
    std::filesystem::remove_all(Data() + "/repositories/mercury.git");
    Open();
    EXPECT_EQ(store_->Status().quarantined_projects_size(), 0) << "it was not taken up";
    EXPECT_TRUE(store_->View("gemini").ok());
  }
};

TEST_F(RecoveryOfForeignTest, ARepositoryWithoutTheCommitsThatItsNewestOneCountsIsNotTakenUp) {
  MakeMercury("sed 's/^Greffe-Sequence: .*/Greffe-Sequence: 4000000000000000000/'");
  ExpectSetApart(absl::StatusCode::kDataLoss, "does not have the 4000000000000000000 commits");
}

TEST_F(RecoveryOfForeignTest, ARepositoryOfANewerProgramIsNotTakenUp) {
  MakeMercury("sed \"s/^Greffe-Project: .*/Greffe-Project: $blob/\"");
  ExpectSetApart(absl::StatusCode::kFailedPrecondition, "format 99");
}

TEST_F(RecoveryTest, ARepositoryUnderTheNameOfAnotherProjectIsSetApartAndTheOthersWork) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  const std::vector<std::string> names = {"ap", "gemini", "apollo-under-a-much-longer-name-than-the-documents-have"};
  for (const std::string& name : names) {
    const ShellResult copied = Shell("cd " + Data() + "/repositories && cp -r apollo.git " + name + ".git");
    ASSERT_EQ(copied.exit_code, 0) << copied.output;
  }
  for (const bool known : {true, false}) {
    if (!known) std::filesystem::remove_all(Data() + "/journal");
    Open();
    ASSERT_NE(store_, nullptr);
    for (const std::string& name : names) {
      const absl::Status apart = store_->View(name).status();
      EXPECT_TRUE(absl::IsDataLoss(apart)) << name << ": " << apart;
      EXPECT_NE(apart.message().find("it has the name 'projects/apollo/"), std::string::npos) << apart;
    }
    EXPECT_EQ(store_->Status().quarantined_projects_size(), 3);
    EXPECT_TRUE(Put("", "again", "SPC-0001").ok());
    ASSERT_TRUE(store_->Close().ok());
    store_.reset();
  }
}

// Its records are read when the index is made, and once the journal has its head it counts for good.
TEST_F(RecoveryTest, ACopiedRepositoryWhoseNewestCommitNamesNoRecordIsNotTakenUp) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(Act([](Transaction& t) { return LockDocument(t, "SPC-0001", "mine", 3600, ""); }).ok());
  const auto forced = Act([](Transaction& t) { return ForceUnlockDocument(t, "SPC-0001", "it is needed", ""); });
  ASSERT_TRUE(forced.ok()) << forced.status();
  ASSERT_EQ(forced->sequence, 3);
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  ASSERT_EQ(Shell("cd " + Data() + "/repositories && cp -r apollo.git gemini.git").exit_code, 0);
  Open();
  ASSERT_NE(store_, nullptr);
  const absl::Status apart = store_->View("gemini").status();
  EXPECT_TRUE(absl::IsDataLoss(apart)) << apart;
  EXPECT_NE(apart.message().find("it has the name 'projects/apollo'"), std::string::npos) << apart;
  store_.reset();
  std::filesystem::remove_all(Data() + "/repositories/gemini.git");
  Open();
  ASSERT_NE(store_, nullptr);
  EXPECT_EQ(store_->Status().quarantined_projects_size(), 0);
  const auto made = ActOn("gemini", [](Transaction& t) {
    v1::Project project;
    project.set_title("Gemini");
    return CreateProject(t, project);
  });
  EXPECT_TRUE(made.ok()) << made.status();
}

// The newest commit of "apollo" names a record that was edited by `edit`, a filter; the repository alone is there.
class RecoveryOfStrangeValuesTest : public RecoveryTest {
 protected:
  void OpenWithout(const std::string& trailer, const std::string& edit) {
    ASSERT_TRUE(store_->Close().ok());
    store_.reset();
    const ShellResult made = Shell("set -e; cd " + Data() + R"(/repositories/apollo.git
        record=$(git log -1 --format='%(trailers:key=)" +
                                   trailer + R"(,valueonly)' main | head -1 | cut -d' ' -f2)
        blob=$(git cat-file blob $record | )" +
                                   edit + R"( | git hash-object -w --stdin)
        test $blob != $record
        commit=$(git cat-file commit main | sed s/$record/$blob/ | git hash-object -t commit -w --stdin)
        git update-ref refs/heads/main $commit)");
    ASSERT_EQ(made.exit_code, 0) << made.output;
    for (const char* part : {"/journal", "/index"}) std::filesystem::remove_all(Data() + part);
    Open();
    ASSERT_NE(store_, nullptr);
  }
};

TEST_F(RecoveryOfStrangeValuesTest, AStateThatHasNoNameIsReadAsItsNumber) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  OpenWithout("Greffe-Document", "sed 's/\"VERSION_STATE_DRAFT\"/77/'");
  const auto page = View().ListDocuments(*ParseDocumentFilter("version_state != DRAFT"), {}, 10, "");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->documents.size(), 1u);
  EXPECT_EQ(page->documents[0].latest_version().state(), 77);
}

TEST_F(RecoveryOfStrangeValuesTest, ADateThatIsNoneIsDueInNoMonth) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Act([](Transaction& t) {
                v1::Deliverable deliverable;
                deliverable.set_title("Pump");
                deliverable.set_planned_date("2026-03-31");
                return CreateDeliverable(t, deliverable, "");
              }).ok());
  OpenWithout("Greffe-Record", "sed 's/2026-03-31/soon/'");
  const auto deliverable = View().GetRecord<v1::Deliverable>("DLV-0001");
  ASSERT_TRUE(deliverable.ok()) << deliverable.status();
  EXPECT_EQ(deliverable->open_due_date(), "soon");
}

TEST_F(RecoveryTest, AnIndexWhoseSectorsCannotBeReadIsDamaged) {
  EXPECT_TRUE(IsDamage(rocksdb::Status::IOError("While pread offset 0 len 4096: 000012.sst", std::strerror(EIO))));
  EXPECT_TRUE(IsDamage(rocksdb::Status::Corruption("block checksum mismatch")));
  EXPECT_FALSE(IsDamage(rocksdb::Status::IOError("While open a file for random read", std::strerror(EMFILE))));
  EXPECT_FALSE(IsDamage(rocksdb::Status::NoSpace("While appending")));
}

TEST_F(RecoveryTest, AFolderOfSomethingElseIsNotTakenOver) {
  const std::string folder = directory_.path() + "/photos";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/cat.jpg") << "x";
  const auto refused = Store::Open({.directory = folder}, clock_, [](Severity, const std::string&) {});
  EXPECT_EQ(ReasonOf(refused.status()), "DATA_DIRECTORY_FOREIGN");
  EXPECT_EQ(Shell("ls -A " + folder).output, "cat.jpg\n");
  EXPECT_FALSE(Store::Open({.directory = ""}, clock_, [](Severity, const std::string&) {}).ok());
}

TEST_F(RecoveryTest, APushIsRefusedByGit) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string clone = directory_.path() + "/clone";
  ASSERT_EQ(Shell("git clone -q " + Data() + "/repositories/apollo.git " + clone).exit_code, 0);
  const ShellResult pushed =
      Shell("cd " + clone + " && git -c user.name=x -c user.email=x commit -q --allow-empty -m x && git push");
  EXPECT_NE(pushed.exit_code, 0);
  EXPECT_NE(pushed.output.find("hidden ref"), std::string::npos) << pushed.output;
}

TEST_F(RecoveryTest, AForeignWriterQuarantinesTheProject) {
  Fill();
  ASSERT_TRUE(store_->FlushRepositories().ok());
  store_.reset();
  Git("update-ref refs/heads/main main~1");
  Open();
  const auto refused = Put("docs/new.md", "x");
  EXPECT_EQ(ReasonOf(refused.status()), "PROJECT_QUARANTINED");
  ASSERT_EQ(store_->Status().quarantined_projects_size(), 1);
  EXPECT_TRUE(View().FindByPath("docs/1.md").ok()) << "reads go on";
}

TEST_F(RecoveryTest, ANewerFormatIsRefusedAndASecondStoreToo) {
  const auto second = Store::Open({.directory = Data()}, clock_, [](Severity, const std::string&) {});
  EXPECT_EQ(ReasonOf(second.status()), "DATA_DIRECTORY_LOCKED");
  store_.reset();
  ASSERT_EQ(Shell("echo 99 > " + Data() + "/format").exit_code, 0);
  const auto newer = Store::Open({.directory = Data()}, clock_, [](Severity, const std::string&) {});
  EXPECT_EQ(ReasonOf(newer.status()), "DATA_FORMAT_NEWER");
}

// A child writes and tells what was acknowledged; it is killed at some moment; all that it told of is there.
TEST_F(RecoveryTest, NothingAcknowledgedIsLostByAKill) {
  ASSERT_TRUE(MakeProject().ok());
  for (int round = 0; round < 5; ++round) {
    store_.reset();
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe_ends[0]);
      StoreOptions options;
      options.directory = Data();
      options.reserve_bytes = 0;
      options.pack_delay = std::chrono::milliseconds(5);
      store_ = *Store::Open(options, clock_, [](Severity, const std::string&) {});
      for (int i = 0;; ++i) {
        const std::string path = "r" + std::to_string(round) + "/" + std::to_string(i) + ".md";
        if (!Put(path, "text of " + path).ok()) ::_exit(1);
        const std::string line = path + "\n";
        if (::write(pipe_ends[1], line.data(), line.size()) < 0) ::_exit(1);
      }
    }
    ::close(pipe_ends[1]);
    std::string told;
    char buffer[4096];
    // Different moments, without a clock: after so many acknowledgements.
    while (told.size() < 300u + 700u * static_cast<unsigned>(round)) {
      const ssize_t got = ::read(pipe_ends[0], buffer, sizeof buffer);
      ASSERT_GT(got, 0);
      told.append(buffer, static_cast<std::size_t>(got));
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (ssize_t got = 0; (got = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
      told.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(pipe_ends[0]);
    Open();
    for (std::size_t at = 0; at < told.size();) {
      const std::size_t end = told.find('\n', at);
      if (end == std::string::npos) break;
      const std::string path = told.substr(at, end - at);
      const auto document = View().FindByPath(path);
      ASSERT_TRUE(document.ok()) << document.status();
      EXPECT_EQ(*store_->ReadContent("apollo", document->latest_version().main_file()), "text of " + path);
      at = end + 1;
    }
    ASSERT_TRUE(store_->FlushRepositories().ok());
    EXPECT_EQ(Git("fsck --full --strict"), "");
    EXPECT_EQ(Git("rev-list --count main"), std::to_string(View().sequence()) + "\n");
  }
}

}  // namespace
}  // namespace greffe
