// The scrub beside a store at work: it finds what is damaged, and nothing else.
#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include "storage/journal/rocksdb_journal.h"
#include "storage/store/state_keys.h"
#include "storage/store/throttle.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ThrottleTest, WaitsForWhatWasReadAndEndsWhenToldTo) {
  std::chrono::microseconds waited{0};
  bool go_on = true;
  Throttle throttle(1 << 20, [&](std::chrono::microseconds time) {
    waited += time;
    return go_on;
  });
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(throttle.Take(1 << 20).ok());
  EXPECT_EQ(waited, std::chrono::seconds(64));
  waited = std::chrono::microseconds(0);
  for (int i = 0; i < 26 * 1000; ++i) ASSERT_TRUE(throttle.Take(1).ok());
  const std::int64_t least = 26'000 * 4096LL * 1'000'000 / (1 << 20);
  EXPECT_GE(waited.count(), least) << "a small read is one of a block";
  EXPECT_LE(waited.count(), least + 26'000) << "rounded up";
  go_on = false;
  EXPECT_TRUE(absl::IsCancelled(throttle.Take(1 << 20)));
}

class ScrubTest : public StoreFixture {
 protected:
  void Configure(StoreOptions& options) override {
    options.background = true;
    options.pack_delay = std::chrono::milliseconds(1);
    options.scrub.bytes_per_second = bytes_per_second_;
  }

  // A round from its beginning to its end.
  v1::ScrubRound Round() {
    const auto rounds = [this] {
      return std::count_if(progress_.begin(), progress_.end(),
                           [](const std::string& line) { return line.starts_with("scrub: a round ended"); });
    };
    std::unique_lock lock(progress_mutex_);
    const auto before = rounds();
    lock.unlock();
    EXPECT_TRUE(store_->BeginScrub().ok());
    lock.lock();
    progress_event_.wait(lock, [&] { return rounds() > before; });
    return store_->Status().scrub().latest_round();
  }

  // One bit of the only file that `pattern` names in the data directory, the middle one.
  void FlipBit(const std::string& pattern) {
    const ShellResult done =
        Shell("cd " + directory_.path() +
              "/data && python3 -c 'import glob,os,sys\nname,=glob.glob(sys.argv[1])\n"
              "os.chmod(name, 0o644)\ndata=bytearray(open(name,\"rb\").read())\ndata[len(data)//2]^=4\n"
              "open(name,\"r+b\").write(data)' '" +
              pattern + "'");
    ASSERT_EQ(done.exit_code, 0) << done.output;
  }

  std::string Random(std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random_());
    return text;
  }

  std::mt19937 random_{7};
  std::int64_t bytes_per_second_ = std::int64_t{1} << 40;
};

TEST_F(ScrubTest, ABitThatFlipsUnderTheStoreIsFoundAndNamed) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(PutLarge("apollo", "large.bin", Random(3'000'000)).ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const auto put = Put("a.bin", Random(200'000));
  ASSERT_TRUE(put.ok()) << put.status();
  ASSERT_TRUE(store_->FlushRepositories().ok());
  v1::ScrubRound round = Round();
  EXPECT_EQ(round.finding_count(), 0) << round.ShortDebugString();
  EXPECT_EQ(round.project_count(), 1);
  EXPECT_EQ(round.commit_count(), 3);
  EXPECT_EQ(round.content_count(), 2);
  EXPECT_GT(round.byte_count(), 3'200'000);

  const std::string pack =
      Shell("cd " + directory_.path() + "/data && ls -S repositories/apollo.git/objects/pack/*.pack").output;
  const std::string largest = pack.substr(0, pack.find('\n'));
  FlipBit(largest);
  round = Round();
  ASSERT_EQ(round.finding_count(), round.findings_size());
  ASSERT_EQ(round.findings_size(), 3) << round.DebugString();
  EXPECT_EQ(round.findings(0).resource(), "projects/apollo");
  EXPECT_THAT(round.findings(0).description(), HasSubstr(largest + " is damaged: its checksum does not fit"));
  EXPECT_THAT(round.findings(1).description(), HasSubstr(put->documents[0].latest_version().main_file().oid()));
  EXPECT_EQ(round.findings(2).resource(), put->documents[0].name() + "/versions/1");
  EXPECT_THAT(round.DebugString(), Not(HasSubstr(directory_.path()))) << "clients have no use for it";
  {
    const std::lock_guard lock(progress_mutex_);
    EXPECT_THAT(progress_, testing::Contains(HasSubstr(largest + " is damaged")));
  }
  FlipBit(largest);
  EXPECT_EQ(Round().finding_count(), 0);

  FlipBit("repositories/apollo.git/objects/[0-9a-f]?/*");
  round = Round();
  ASSERT_EQ(round.findings_size(), 2) << round.DebugString();
  EXPECT_THAT(round.findings(0).description(), HasSubstr("repositories/apollo.git/objects/"));
  EXPECT_THAT(round.findings(1).resource(), HasSubstr("/versions/1"));
}

TEST_F(ScrubTest, ARefThatSomeoneElseMovedIsFound) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "a").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  Git("update-ref refs/heads/main main~1");
  const v1::ScrubRound round = Round();
  ASSERT_EQ(round.findings_size(), 1) << round.DebugString();
  EXPECT_THAT(round.findings(0).description(), HasSubstr("where Greffe did not leave it"));
}

TEST_F(ScrubTest, ARepositoryThatNoStartCouldTakeUpIsFound) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  const std::string main = Git("rev-parse main");
  store_.reset();
  ASSERT_EQ(
      Shell("cd " + directory_.path() + "/data && rm -r journal repositories/apollo.git/objects/pack/*").exit_code, 0);
  Open();
  const v1::ScrubRound round = Round();
  EXPECT_EQ(round.project_count(), 1);
  ASSERT_EQ(round.findings_size(), 2) << round.DebugString();
  EXPECT_EQ(round.findings(0).resource(), "projects/apollo");
  EXPECT_THAT(round.findings(0).description(), HasSubstr("the journal does not know the repository"));
  EXPECT_EQ(round.findings(1).resource(), "projects/apollo");
  EXPECT_THAT(round.findings(1).description(), HasSubstr(main.substr(0, 40) + " is missing"));
}

TEST_F(ScrubTest, WhatWritersAndThePackerDoMeanwhileIsNoFinding) {
  ASSERT_TRUE(MakeProject().ok());
  std::atomic<bool> done = false;
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i) {
    writers.emplace_back([this, &done, i] {
      std::mt19937 random(static_cast<unsigned>(i));
      // So many at most: rounds over what grows faster than they read would never end.
      for (int turn = 0; !done && turn < 40; ++turn) {
        const std::string name = std::to_string(i) + "-" + std::to_string(turn);
        EXPECT_TRUE(Put(name + ".md", std::string(random() % 20'000, 'x') + name).ok());
        if (turn % 20 == 7) {
          EXPECT_TRUE(PutLarge("apollo", name + ".bin", std::string(1100000, 'y') + name).ok());
        }
        if (turn % 20 == 13) {
          const auto made = ActOn("p" + name, [](Transaction& transaction) {
            v1::Project project;
            project.set_title("Another");
            return CreateProject(transaction, project);
          });
          EXPECT_TRUE(made.ok()) << made.status();
        }
      }
    });
  }
  std::int64_t commits = 0;
  for (int i = 0; i < 4; ++i) {
    const v1::ScrubRound round = Round();
    EXPECT_EQ(round.finding_count(), 0) << round.DebugString();
    EXPECT_GE(round.commit_count(), commits);
    commits = round.commit_count();
  }
  done = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(commits, 0);
}

TEST_F(ScrubTest, ARoundThatEndedWhileTheClockWasAheadDelaysTheNextOneByAPauseAtMost) {
  ASSERT_TRUE(MakeProject().ok());
  v1::ScrubRound round = Round();
  store_.reset();
  {
    RocksDbJournalOptions options;
    options.directory = directory_.path() + "/data/journal";
    const auto journal = OpenRocksDbJournal(options);
    ASSERT_TRUE(journal.ok()) << journal.status();
    round.mutable_end_time()->set_seconds(round.end_time().seconds() + std::int64_t{10} * 365 * 24 * 3600);
    CommitGroup group = NewServerGroup();
    group.state.push_back({"scrub/latest", round.SerializeAsString()});
    ASSERT_TRUE((*journal)->Append(group).ok());
    ASSERT_TRUE((*journal)->Close().ok());
  }
  Open();
  const v1::ScrubStatus scrub = store_->Status().scrub();
  ASSERT_EQ(scrub.latest_round().end_time().seconds(), round.end_time().seconds());
  EXPECT_LE(ToMicros(scrub.next_start_time()), clock_.Now() + std::int64_t{7} * 24 * 3600 * 1'000'000);
}

TEST_F(ScrubTest, ARoundIsRememberedAndOneThatIsStoppedIsNot) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.bin", Random(300'000)).ok());
  const v1::ScrubRound round = Round();
  EXPECT_TRUE(round.has_end_time());
  store_.reset();
  bytes_per_second_ = 1;  // days
  Open();
  v1::ScrubStatus scrub = store_->Status().scrub();
  EXPECT_EQ(scrub.latest_round().SerializeAsString(), round.SerializeAsString());
  EXPECT_EQ(scrub.next_start_time().seconds() - round.end_time().seconds(), 7 * 24 * 3600);
  ASSERT_TRUE(store_->BeginScrub().ok());
  {
    std::unique_lock lock(progress_mutex_);
    progress_event_.wait(lock, [this] { return progress_.back() == "scrub: a round begins"; });
  }
  scrub = store_->Status().scrub();
  EXPECT_TRUE(scrub.has_current_round());
  ASSERT_TRUE(store_->BeginScrub().ok()) << "one is under way";
  store_.reset();  // does not wait for it
  Open();
  const Micros next = ToMicros(store_->Status().scrub().next_start_time());
  EXPECT_LT(next, clock_.Now() + std::int64_t{3600} * 1'000'000) << "one was asked for";
  store_.reset();
  bytes_per_second_ = std::int64_t{1} << 40;
  Open();
  const v1::ScrubRound last = Round();
  store_.reset();
  Open();
  scrub = store_->Status().scrub();
  EXPECT_EQ(scrub.next_start_time().seconds() - last.end_time().seconds(), 7 * 24 * 3600);
  store_.reset();
  bytes_per_second_ = 0;
  Open();
  EXPECT_EQ(ReasonOf(store_->BeginScrub()), "SCRUB_OFF");
  EXPECT_FALSE(store_->Status().scrub().has_next_start_time());
}

}  // namespace
}  // namespace greffe
