// What a crash leaves of the journal's log opens, what damage leaves is named: each log here is that of a real journal.
#include "storage/journal/log_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/journal/rocksdb_journal.h"
#include "tests/journal/conformance.h"

namespace greffe {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kBlock = 32 << 10;

class LogCheckTest : public testing::Test {
 protected:
  // A journal of "apollo" with a commit for each blob, as a machine that stops right then leaves it.
  void Make(const std::vector<std::string>& blobs) {
    const std::string live = directory_.path() + "/live";
    auto journal = OpenIn(live);
    ASSERT_TRUE(journal.ok()) << journal.status();
    const std::string log = LogIn(live);
    Oid expected;
    for (const std::string& blob : blobs) {
      ends_.push_back(EndOf(Read(log)));
      const CommitGroup group = GroupOf("apollo", {CommitOf(++count_, {blob})}, expected);
      ASSERT_TRUE((*journal)->Append(group).ok());
      expected = group.refs.front().target;
    }
    log_ = Read(log);
    ends_.push_back(EndOf(log_));
    std::filesystem::copy(live, stopped_);
    log_name_ = std::filesystem::path(log).filename();
    ASSERT_GT(log_.size(), ends_.back()) << "zeros behind what was appended";
    log_.resize(ends_.back());
  }

  static absl::StatusOr<std::unique_ptr<Journal>> OpenIn(const std::string& directory,
                                                         std::int64_t buffer_bytes = 64 << 20) {
    RocksDbJournalOptions options;
    options.directory = directory;
    options.write_buffer_bytes = buffer_bytes;
    return OpenRocksDbJournal(options);
  }
  static std::string LogIn(const std::string& directory) {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().string());
    }
    return newest;
  }
  static std::string Read(const std::string& path) { return ReadWholeFile(path, 64 << 20).value_or(""); }

  // Where the last record of a log ends, behind which there are zeros.
  static std::size_t EndOf(const std::string& log) {
    constexpr std::size_t kHeader = 7;
    std::size_t at = 0;
    while (true) {
      if (kBlock - at % kBlock < kHeader) at = (at / kBlock + 1) * kBlock;
      if (at + kHeader > log.size() || log[at + 6] == 0) return at;
      at +=
          kHeader + static_cast<std::uint8_t>(log[at + 4]) + (std::size_t{static_cast<std::uint8_t>(log[at + 5])} << 8);
    }
  }

  // What the check says to these bytes in place of the log: "whole" or the reason. The same whether the log ends there,
  // as one that was closed, or goes on with zeros.
  std::string Check(const std::string& log) const {
    const std::string closed = CheckOnce(log);
    EXPECT_EQ(CheckOnce(log + Zeros(log)), closed) << "with zeros behind " << log.size() << " bytes";
    return closed;
  }
  std::string CheckOnce(const std::string& log) const {
    Write(log);
    const auto logs = CheckLogs(stopped_);
    if (logs.ok()) return "whole";
    EXPECT_THAT(std::string(logs.status().message()), testing::HasSubstr(log_name_ + " at byte "));
    return ReasonOf(logs.status());
  }
  static std::string Zeros(const std::string& log) { return std::string(kBlock - log.size() % kBlock + 100, '\0'); }
  // How many commits a start finds with these bytes in place of the log, ended there or with zeros behind; -1 when it
  // is refused.
  int CommitsIn(const std::string& log) const {
    const int closed = CommitsInOnce(log);
    EXPECT_EQ(CommitsInOnce(log + Zeros(log)), closed) << "with zeros behind " << log.size() << " bytes";
    return closed;
  }
  int CommitsInOnce(const std::string& log) const {
    Write(log);
    const std::string opened = directory_.path() + "/opened";
    std::filesystem::remove_all(opened);
    std::filesystem::copy(stopped_, opened);
    const auto journal = OpenIn(opened);
    if (!journal.ok()) return -1;
    const auto commits = (*journal)->ReadCommits("apollo", 0, 1 << 30);
    EXPECT_TRUE(commits.ok()) << commits.status();
    const auto head = (*journal)->ReadHead("apollo", kMain);
    EXPECT_EQ((*head)->target, commits->back().commit);
    return static_cast<int>(commits->size());
  }
  void Write(const std::string& log) const {
    std::ofstream file(stopped_ + "/" + log_name_, std::ios::binary | std::ios::trunc);
    file << log;
  }
  // Where commit `sequence` begins in the log, and ends.
  std::size_t Begin(Sequence sequence) const { return ends_[static_cast<std::size_t>(sequence) - 1]; }
  std::size_t End(Sequence sequence) const { return ends_[static_cast<std::size_t>(sequence)]; }

  // Without what lies in these sectors from `begin` on: they read as zeros, or the file ends before them.
  static std::string Without(std::string log, std::size_t begin, const std::function<bool(std::size_t)>& is_lost) {
    std::size_t kept = begin;
    for (std::size_t at = begin, next = 0; at < log.size(); at = next) {
      next = std::min(log.size(), (at / kSector + 1) * kSector);
      if (is_lost(at / kSector)) {
        std::fill(log.begin() + static_cast<std::ptrdiff_t>(at), log.begin() + static_cast<std::ptrdiff_t>(next), '\0');
      } else {
        kept = next;
      }
    }
    log.resize(kept);
    return log;
  }

  TemporaryDirectory directory_;
  const std::string stopped_ = directory_.path() + "/stopped";
  std::string log_name_;
  std::string log_;
  std::vector<std::size_t> ends_;
  Sequence count_ = 0;
};

TEST_F(LogCheckTest, EveryFlippedBitOfTheLastRecordIsDamage) {
  // The zeros are what a lost sector would leave, and are none.
  Make({"first", "second", std::string(2 * kSector, '\0') + "third"});
  ASSERT_EQ(Check(log_), "whole");
  for (std::size_t at = Begin(2); at < log_.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = log_;
      flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
      const bool both_ways = (at + static_cast<std::size_t>(bit)) % 4 == 0;
      ASSERT_EQ(both_ways ? Check(flipped) : CheckOnce(flipped), "JOURNAL_DAMAGED")
          << "bit " << bit << " of byte " << at;
    }
  }
}

TEST_F(LogCheckTest, FlippedBitsOfARecordInManyBlocksAreDamage) {
  Make({"first", std::string(3 * kBlock, 'x'), "third"});
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string flipped = log_;
    const std::size_t at = random() % log_.size();
    flipped[at] = static_cast<char>(flipped[at] ^ 1 << random() % 8);
    ASSERT_EQ(Check(flipped), "JOURNAL_DAMAGED") << "byte " << at;
  }
}

TEST_F(LogCheckTest, ARecordThatIsCutShortAnywhereWasNeverAcknowledged) {
  Make({"first", "second", std::string(kBlock, 'x')});
  for (std::size_t size = Begin(3); size < log_.size(); size += size < Begin(3) + 600 ? 1 : 97) {
    ASSERT_EQ(Check(log_.substr(0, size)), "whole") << size;
  }
  for (const std::size_t size : {Begin(3), Begin(3) + 3, Begin(3) + 300, log_.size() - 1}) {
    EXPECT_EQ(CommitsIn(log_.substr(0, size)), 2) << size;
  }
  EXPECT_EQ(CommitsIn(log_), 3);
}

TEST_F(LogCheckTest, ARecordThatLacksAnySectorsWasNeverAcknowledged) {
  Make({"first", std::string(kBlock, 'x'), std::string(2 * kBlock, 'y')});
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    // All but one, one alone, and all between.
    const std::uint32_t odds = 1 + random() % 99;
    const std::size_t one = (Begin(3) + random() % (End(3) - Begin(3))) / kSector;
    const std::string torn =
        Without(log_, Begin(3), [&](std::size_t sector) { return sector == one || random() % 100 < odds; });
    // Chance may make one of 16,000 look like a flipped bit: then it is another seed's turn.
    ASSERT_EQ(Check(torn), "whole") << i;
    if (i % 50 == 0) {
      EXPECT_EQ(CommitsIn(torn), 2) << i;
    }
  }
}

TEST_F(LogCheckTest, ARecordWhoseBeginningNeverReachedTheDiskBeforeABlockEndsIsNoDamage) {
  // What a cut of the power has shown: RocksDB takes the zeros for the end of the block and misses the record's first
  // part when it reads the second one.
  Make({std::string(kBlock - 1000, 'x'), std::string(2000, 'y')});
  ASSERT_LT(Begin(2), kBlock);
  ASSERT_GT(End(2), kBlock);
  const std::string torn = Without(log_, Begin(2), [](std::size_t sector) { return sector < kBlock / kSector; });
  ASSERT_EQ(torn.size(), log_.size());
  EXPECT_EQ(CommitsIn(torn), 1);
}

TEST_F(LogCheckTest, ALostSectorOfAnAcknowledgedRecordIsDamage) {
  // RocksDB's own reader drops what lies between zeros and the end of their block without a word.
  Make({"first", std::string(2 * kSector, 'y'), "third", std::string(kBlock, 'z'), "fifth"});
  for (std::size_t sector = 0; sector <= Begin(5) / kSector; ++sector) {
    std::string holed = log_;
    const std::size_t begin = sector * kSector;
    std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(begin), std::min(kSector, Begin(5) - begin), '\0');
    EXPECT_EQ(Check(holed), "JOURNAL_DAMAGED") << sector;
    EXPECT_EQ(CommitsIn(holed), -1) << sector;
  }
}

TEST_F(LogCheckTest, AHoleBeforeWholeRecordsIsDamageWhereverItBeginsAndEnds) {
  std::vector<std::string> blobs;
  for (int i = 0; i < 60; ++i) blobs.push_back(std::string(1500, 'y'));
  Make(blobs);
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    // Many of them over the edge of a block.
    const std::size_t edge = kBlock * (1 + random() % 2);
    const std::size_t begin = (i % 2 == 0 ? edge - random() % 9000 : random() % kBlock) / kSector * kSector;
    const std::size_t size = kSector * (1 + random() % 30);
    std::string holed = log_;
    std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(begin), size, '\0');
    ASSERT_EQ(Check(holed), "JOURNAL_DAMAGED") << size << " bytes from " << begin;
  }
}

TEST_F(LogCheckTest, ManyFlippedBitsAreNoLostSectorThoughTheRecordHasZeros) {
  // The zeros are in the record's first fragment, the damage in its second one.
  Make({"first", std::string(kBlock, '\0') + std::string(1000, 'x')});
  std::string damaged = log_;
  for (std::size_t at = log_.size() - 400; at < log_.size() - 300; ++at) damaged[at] = '?';
  EXPECT_EQ(Check(damaged), "JOURNAL_DAMAGED");
}

TEST_F(LogCheckTest, WhatACrashLeftOfTheLastRecordIsCutOff) {
  Make({"first", "second", std::string(kBlock, 'x')});
  const std::string lost = Without(log_, Begin(3), [](std::size_t sector) { return sector % 7 == 3; });
  for (const std::string& torn : {log_.substr(0, log_.size() - 100), lost, lost + Zeros(lost)}) {
    Write(torn);
    const auto logs = CheckLogs(stopped_);
    ASSERT_TRUE(logs.ok()) << logs.status();
    ASSERT_EQ(logs->torn.size(), 1U);
    const absl::Status cut = CutOffTornEnds(*logs);
    ASSERT_TRUE(cut.ok()) << cut;
    EXPECT_EQ(Read(stopped_ + "/" + log_name_), log_.substr(0, Begin(3)));
  }
}

TEST_F(LogCheckTest, ALogThatIsClosedEndsWithItsLastRecord) {
  Make({"first", "second"});
  const std::string closed = Read(LogIn(directory_.path() + "/live"));
  EXPECT_EQ(EndOf(closed), closed.size());
  EXPECT_EQ(closed.substr(0, log_.size()), log_);
}

TEST_F(LogCheckTest, ALogHasItsLengthBeforeMuchOfItIsWritten) {
  auto journal = OpenIn(directory_.path() + "/growing");
  ASSERT_TRUE(journal.ok()) << journal.status();
  std::set<std::uintmax_t> sizes;
  Oid expected;
  for (Sequence i = 1; i <= 100; ++i) {
    const CommitGroup group = GroupOf("apollo", {CommitOf(i, {std::string(9000, 'x')})}, expected);
    ASSERT_TRUE((*journal)->Append(group).ok());
    expected = group.refs.front().target;
    sizes.insert(std::filesystem::file_size(LogIn(directory_.path() + "/growing")));
  }
  EXPECT_LE(sizes.size(), 5U) << "each is one more sync that writes more than what was appended";
}

TEST_F(LogCheckTest, ALogThatWasCutOffMayStillBeThereBesideTheNextOne) {
  Make({"first", "second", std::string(1000, 'x')});
  const std::string torn = log_.substr(0, log_.size() - 100);
  Write(torn);
  auto journal = OpenIn(stopped_);
  ASSERT_TRUE(journal.ok()) << journal.status();
  const CommitGroup group = GroupOf("apollo", {CommitOf(3, {"again"})}, CommitOf(2, {}).commit);
  ASSERT_TRUE((*journal)->Append(group).ok());
  journal->reset();
  ASSERT_NE(std::filesystem::path(LogIn(stopped_)).filename(), log_name_);
  EXPECT_EQ(CommitsIn(torn), 3) << "as when it stops before the old log is removed";
  const auto both = CheckLogs(stopped_);
  EXPECT_TRUE(both.ok()) << both.status();
}

TEST_F(LogCheckTest, ALogWithRecordsMissingBeforeTheNextOneIsDamage) {
  Make({"first", "second", std::string(1000, 'x')});
  auto journal = OpenIn(stopped_);
  ASSERT_TRUE(journal.ok()) << journal.status();
  const CommitGroup group = GroupOf("apollo", {CommitOf(4, {"fourth"})}, CommitOf(3, {}).commit);
  ASSERT_TRUE((*journal)->Append(group).ok());
  journal->reset();
  Write(log_.substr(0, Begin(3)));
  const auto damaged = CheckLogs(stopped_);
  EXPECT_EQ(ReasonOf(damaged.status()), "JOURNAL_DAMAGED") << damaged.status();
  EXPECT_THAT(std::string(damaged.status().message()), testing::HasSubstr("records before this one are gone"));
}

// Numbers of records are those of rows: an old journal's are larger than its newest log is long.
TEST_F(LogCheckTest, ALostFirstSectorOfALogIsDamageHoweverHighItsRecordsAreNumbered) {
  constexpr int kRows = 100'000;
  {
    auto journal = OpenIn(stopped_);
    ASSERT_TRUE(journal.ok()) << journal.status();
    CommitGroup locks;
    locks.repository = "_server";
    for (int i = 0; i < kRows; ++i) locks.state.push_back({"locks/apollo/SPC-" + std::to_string(i), "mine"});
    ASSERT_TRUE((*journal)->Append(locks).ok());
  }
  const std::string newest = [&] {
    auto journal = OpenIn(stopped_);  // the rows are in tables, and a new log is begun
    EXPECT_TRUE(journal.ok()) << journal.status();
    Oid expected;
    for (Sequence i = 1; i <= 10; ++i) {
      const CommitGroup group = GroupOf("apollo", {CommitOf(i, {std::string(1000, 'x')})}, expected);
      EXPECT_TRUE((*journal)->Append(group).ok());
      expected = group.refs.front().target;
    }
    return LogIn(stopped_);
  }();
  std::string log = Read(newest);
  ASSERT_LT(log.size(), kRows);
  std::fill(log.begin(), log.begin() + kSector, '\0');
  log_name_ = std::filesystem::path(newest).filename();
  Write(log);
  const auto damaged = OpenIn(stopped_);
  EXPECT_EQ(ReasonOf(damaged.status()), "JOURNAL_DAMAGED") << damaged.status();
  EXPECT_THAT(std::string(damaged.status().message()), testing::HasSubstr("whole ones follow it"));
  EXPECT_EQ(Read(newest), log) << "it stays as it is";
}

// A journal whose logs are begun anew often: by name, all that it ever had, as they were at their end.
class LogsCheckTest : public LogCheckTest {
 protected:
  void MakeMany(Sequence count) {
    const std::string live = directory_.path() + "/live";
    auto journal = OpenIn(live, 64 << 10);
    ASSERT_TRUE(journal.ok()) << journal.status();
    Oid expected;
    for (count_ = 1; count_ <= count; ++count_) {
      const CommitGroup group = GroupOf("apollo", {CommitOf(count_, {std::string(1000, 'x')})}, expected);
      ASSERT_TRUE((*journal)->Append(group).ok());
      expected = group.refs.front().target;
      for (const auto& entry : std::filesystem::directory_iterator(live)) {
        if (entry.path().extension() != ".log") continue;
        std::string& log = logs_[entry.path().filename()];
        std::error_code gone;
        if (entry.file_size(gone) <= log.size()) continue;
        std::string now = Read(entry.path());  // nothing, when it is deleted just now
        if (now.size() > log.size()) log = std::move(now);
      }
    }
    journal->reset();  // nothing is flushed in the background while files are copied
    std::filesystem::copy(live, stopped_);
  }

  std::map<std::string, std::string> logs_;
};

TEST_F(LogsCheckTest, LogsWhoseRowsAreInTablesDoNotCount) {
  MakeMany(1000);
  ASSERT_GT(logs_.size(), 8U);
  // Some of them are there still, and one between them is not.
  const auto first = logs_.begin();
  for (const auto& log : {*first, *std::next(first), *std::next(first, 3)}) {
    ASSERT_FALSE(std::filesystem::exists(stopped_ + "/" + log.first));
    std::ofstream(stopped_ + "/" + log.first, std::ios::binary) << log.second;
  }
  EXPECT_EQ(ReasonOf(CheckLogs(stopped_).status()), "JOURNAL_DAMAGED") << "if they counted";
  const auto journal = OpenIn(stopped_);
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_EQ((*journal)->ReadCommits("apollo", 0, 1 << 30)->size(), 1000U);
}

TEST_F(LogsCheckTest, AMissingLogBetweenOthersIsDamage) {
  MakeMany(150);
  ASSERT_GE(logs_.size(), 3U);
  // Heads are not in tables before all logs together are full.
  ASSERT_TRUE(std::filesystem::remove(stopped_ + "/" + std::next(logs_.begin())->first));
  EXPECT_EQ(ReasonOf(OpenIn(stopped_).status()), "JOURNAL_DAMAGED");
}

}  // namespace
}  // namespace greffe
