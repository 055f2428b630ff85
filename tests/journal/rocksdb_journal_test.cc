// RocksDB's implementation: the conformance suite, and what only it has: files that break, a process that is killed.
#include "storage/journal/rocksdb_journal.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "rocksdb/db.h"
#include "rocksdb/perf_context.h"
#include "rocksdb/perf_level.h"
#include "storage/base/errors.h"
#include "tests/journal/conformance.h"
#include "tests/shell.h"

namespace greffe {
namespace {

absl::StatusOr<std::unique_ptr<Journal>> OpenIn(const std::string& directory) {
  RocksDbJournalOptions options;
  options.directory = directory;
  options.write_buffer_bytes = 1 << 20;  // small, so that tests also read from files
  return OpenRocksDbJournal(options);
}

INSTANTIATE_TEST_SUITE_P(RocksDb, JournalConformance, testing::Values(Implementation{"journal", OpenIn}));

class RocksDbJournalTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> Open() {
    auto journal = OpenIn(path_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    return journal.ok() ? *std::move(journal) : nullptr;
  }
  // Commits 1 to `count` of "apollo", each with a blob of 1,000 bytes that tells its number.
  static void Fill(Journal& journal, Sequence count) {
    Oid expected;
    for (Sequence i = 1; i <= count; ++i) {
      const CommitGroup group = GroupOf("apollo", {CommitOf(i, {BlobNumber(i)})}, expected);
      ASSERT_TRUE(journal.Append(group).ok());
      expected = group.refs.front().target;
    }
  }
  static std::string BlobNumber(Sequence i) { return std::string(1000, 'x') + std::to_string(i); }
  // The file of the journal that ends in `extension`, the largest.
  std::string FileWith(const std::string& extension) const {
    std::filesystem::path largest;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() != extension) continue;
      if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) largest = entry.path();
    }
    return largest;
  }
  static void Flip(const std::string& file, std::uintmax_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
    ASSERT_TRUE(stream.good()) << file;
  }

  using Families = std::vector<rocksdb::ColumnFamilyHandle*>;
  // Gives `change` the database as RocksDB opens it, the default family first.
  template <typename Change>
  void InDatabase(const Change& change) const {
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path_, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    Families families;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path_, descriptors, &families, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    change(*db, families);
    for (rocksdb::ColumnFamilyHandle* family : families) EXPECT_TRUE(db->DestroyColumnFamilyHandle(family).ok());
  }
  std::string Listing() const { return Shell("cd " + path_ + " && find . -type f | sort | xargs sha256sum").output; }
  void WriteFormat(const std::string& number) const {
    InDatabase([&](rocksdb::DB& db, const Families&) { EXPECT_TRUE(db.Put({}, "format", number).ok()); });
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/journal";
};

TEST_F(RocksDbJournalTest, AProcessThatIsKilledLeavesWhatItAcknowledged) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto journal = OpenIn(path_);
    Oid expected;
    for (Sequence i = 1; journal.ok(); ++i) {
      const CommitGroup group = GroupOf("apollo", {CommitOf(i, {BlobNumber(i)})}, expected);
      if (!(*journal)->Append(group).ok()) break;
      expected = group.refs.front().target;
      if (::write(pipe_ends[1], &i, sizeof i) != sizeof i) break;
    }
    ::_exit(1);
  }
  ::close(pipe_ends[1]);  // a child that ends early is seen
  Sequence acknowledged = 0;
  while (acknowledged < 300) ASSERT_EQ(::read(pipe_ends[0], &acknowledged, sizeof acknowledged), sizeof acknowledged);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (Sequence last = 0; ::read(pipe_ends[0], &last, sizeof last) == sizeof last;) acknowledged = last;
  ::close(pipe_ends[0]);

  const auto journal = Open();
  ASSERT_NE(journal, nullptr);
  const auto commits = journal->ReadCommits("apollo", 0, 1 << 30);
  ASSERT_TRUE(commits.ok()) << commits.status();
  ASSERT_GE(commits->size(), acknowledged);
  ASSERT_LE(commits->size(), acknowledged + 1) << "the one that was under way";
  for (std::size_t i = 0; i < commits->size(); ++i) {
    EXPECT_EQ((*commits)[i].objects.front().object.data, BlobNumber(static_cast<Sequence>(i) + 1));
  }
  EXPECT_EQ((*journal->ReadHead("apollo", kMain))->target, commits->back().commit);
}

TEST_F(RocksDbJournalTest, AFlippedByteInTheLogIsNamedAtTheNextStart) {
  auto journal = Open();
  Fill(*journal, 50);
  journal.reset();
  const std::string log = FileWith(".log");
  Flip(log, std::filesystem::file_size(log) / 2);
  const auto damaged = OpenIn(path_);
  EXPECT_EQ(damaged.status().code(), absl::StatusCode::kDataLoss) << damaged.status();
  EXPECT_EQ(ReasonOf(damaged.status()), "JOURNAL_DAMAGED");
  EXPECT_THAT(std::string(damaged.status().message()), testing::HasSubstr("journal"));
}

TEST_F(RocksDbJournalTest, AFlippedByteInATableIsNeverServed) {
  auto journal = Open();
  Fill(*journal, 3000);  // 3 MiB: memtables of 1 MiB were flushed
  journal.reset();
  const std::string table = FileWith(".sst");
  ASSERT_FALSE(table.empty());
  Flip(table, std::filesystem::file_size(table) / 2);
  int damaged = 0;
  const auto reopened = OpenIn(path_);
  if (!reopened.ok()) {
    EXPECT_EQ(ReasonOf(reopened.status()), "JOURNAL_DAMAGED") << reopened.status();
    return;
  }
  for (Sequence i = 1; i <= 3000; ++i) {
    const auto object = (*reopened)->ReadObject("apollo", BlobOf(BlobNumber(i)).oid);
    if (!object.ok()) {
      EXPECT_EQ(ReasonOf(object.status()), "JOURNAL_DAMAGED") << object.status();
      EXPECT_THAT(std::string(object.status().message()), testing::HasSubstr(".sst")) << "names the file";
      ++damaged;
      continue;
    }
    ASSERT_TRUE(object->has_value());
    EXPECT_EQ((*object)->data, BlobNumber(i));
  }
  EXPECT_GT(damaged, 0);
}

TEST_F(RocksDbJournalTest, AMissingTableIsNamedAtTheNextStart) {
  auto journal = Open();
  Fill(*journal, 3000);
  journal.reset();
  std::filesystem::remove(FileWith(".sst"));
  const auto damaged = OpenIn(path_);
  EXPECT_EQ(ReasonOf(damaged.status()), "JOURNAL_DAMAGED") << damaged.status();
}

// RocksDB would make a new database over it, and delete what is there at the opening after that.
TEST_F(RocksDbJournalTest, AJournalThatLacksTheFileWhichNamesTheOthersIsDamagedAndStaysAsItIs) {
  Fill(*Open(), 3);
  std::filesystem::remove(path_ + "/CURRENT");
  const std::string before = Listing();
  for (int start = 1; start <= 2; ++start) {
    const auto damaged = OpenIn(path_);
    EXPECT_EQ(ReasonOf(damaged.status()), "JOURNAL_DAMAGED") << damaged.status();
    EXPECT_THAT(std::string(damaged.status().message()), testing::HasSubstr("CURRENT is missing"));
    EXPECT_EQ(Listing(), before) << "start " << start;
  }
}

TEST_F(RocksDbJournalTest, AJournalThatWasKilledWhileItWasMadeIsMade) {
  std::filesystem::create_directories(path_);
  std::ofstream(path_ + "/MANIFEST-000001") << "half";
  std::ofstream(path_ + "/LOCK");
  Fill(*Open(), 3);
  EXPECT_EQ((*Open()).ReadCommits("apollo", 0, 1 << 30)->size(), 3U);
}

// The format's family needs the newest log alone, the others the one before it too.
TEST_F(RocksDbJournalTest, ACrashWhileSomeFamiliesAreInTablesAndOthersInTheLogLosesNothing) {
  {
    auto journal = Open();
    Fill(*journal, 3);
  }
  InDatabase([](rocksdb::DB& db, const Families& families) {
    EXPECT_TRUE(db.Put({}, "other", "").ok());
    for (std::size_t i = 1; i < families.size(); ++i) EXPECT_TRUE(db.Delete({}, families[i], "not there").ok());
    EXPECT_TRUE(db.Flush({}, families.front()).ok());
  });
  auto journal = Open();
  ASSERT_NE(journal, nullptr);
  const auto commits = journal->ReadCommits("apollo", 0, 1 << 30);
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_EQ(commits->size(), 3);
}

TEST_F(RocksDbJournalTest, TheObjectsOfALargeCommitAreReadFromItsTableOnce) {
  std::vector<std::string> blobs;
  std::size_t bytes = 0;
  for (Sequence i = 1; i <= 1000; ++i) blobs.push_back(BlobNumber(i));
  for (const std::string& blob : blobs) bytes += blob.size();
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->Append(GroupOf("apollo", {CommitOf(1, blobs)}, {})).ok());
  }
  const auto journal = Open();  // the start has put the log's rows into a table
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  rocksdb::get_perf_context()->Reset();
  for (const std::string& blob : blobs) {
    const auto object = journal->ReadObject("apollo", BlobOf(blob).oid);
    ASSERT_TRUE(object.ok() && object->has_value()) << object.status();
    EXPECT_EQ((*object)->data, blob);
  }
  EXPECT_LT(rocksdb::get_perf_context()->block_read_byte, 3 * bytes);
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  ASSERT_TRUE(journal->Trim("apollo", 1).ok());
  EXPECT_EQ(*journal->ReadObject("apollo", BlobOf(blobs.front()).oid), std::nullopt);
}

TEST_F(RocksDbJournalTest, AStopLeavesLittleInTheLogsToReadAndAllWhereItCannot) {
  RocksDbJournalOptions options;
  options.directory = path_;
  const std::vector<std::string> blobs(1, std::string(std::size_t{6} << 20, 'x'));
  const auto write_and_close = [&](const Oid& expected, rlim_t largest_file) {
    const auto journal = OpenRocksDbJournal(options);
    ASSERT_TRUE(journal.ok()) << journal.status();
    const Sequence next = expected == Oid() ? 1 : 2;
    ASSERT_TRUE((*journal)->Append(GroupOf("apollo", {CommitOf(next, blobs)}, expected)).ok());
    rlimit limit = {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small = {std::min(limit.rlim_max, largest_file), limit.rlim_max};
    const auto former = ::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_TRUE((*journal)->Close().ok());
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    ::signal(SIGXFSZ, former);
  };
  const auto expect_all = [&](std::size_t commits) {
    const auto journal = OpenRocksDbJournal(options);
    ASSERT_TRUE(journal.ok()) << journal.status();
    EXPECT_EQ((*journal)->ReadCommits("apollo", 0, 1 << 30)->size(), commits);
    const auto object = (*journal)->ReadObject("apollo", BlobOf(blobs.front()).oid);
    ASSERT_TRUE(object.ok() && object->has_value()) << object.status();
    EXPECT_EQ((*object)->data, blobs.front());
  };
  write_and_close({}, RLIM_INFINITY);
  EXPECT_LT(std::filesystem::file_size(FileWith(".log")), 1 << 20);
  expect_all(1);
  // Where the tables cannot be written, it is there to read.
  write_and_close(CommitOf(1, blobs).commit, 4 << 20);
  EXPECT_GT(std::filesystem::file_size(FileWith(".log")), 1 << 20);
  expect_all(2);
}

TEST_F(RocksDbJournalTest, AWriteThatFailsIsToldOnceWhoeverMadeItAndNoneIsTakenAfterwards) {
  std::vector<absl::Status> told;
  RocksDbJournalOptions options;
  options.directory = path_;
  options.on_failure = [&](const absl::Status& why) { told.push_back(why); };
  const auto journal = OpenRocksDbJournal(options);
  ASSERT_TRUE(journal.ok()) << journal.status();
  Fill(**journal, 3);
  CommitGroup state;
  state.repository = "_server";
  state.state.push_back({"locks/apollo/SPC-0001", "mine"});
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit none = {1, limit.rlim_max};
  const auto former = ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);  // each write fails
  const absl::Status failed = (*journal)->Append(state);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  ::signal(SIGXFSZ, former);
  EXPECT_EQ(ReasonOf(failed), "SYNC_FAILED") << failed;
  EXPECT_EQ(ReasonOf((*journal)->Append(state)), "SYNC_FAILED");
  EXPECT_EQ(ReasonOf((*journal)->Health()), "SYNC_FAILED");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front(), failed);
}

TEST_F(RocksDbJournalTest, AnotherFormatIsRefusedAndNothingIsTouched) {
  {
    auto journal = Open();
    Fill(*journal, 3);
  }
  for (const auto& [format, reason] :
       {std::pair("99", "JOURNAL_FORMAT_NEWER"), std::pair("1", "JOURNAL_FORMAT_OLDER")}) {
    WriteFormat(format);
    const std::string before = Listing();
    const auto refused = OpenIn(path_);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << refused.status();
    EXPECT_EQ(ReasonOf(refused.status()), reason);
    EXPECT_THAT(std::string(refused.status().message()), testing::HasSubstr("format " + std::string(format)));
    EXPECT_EQ(Listing(), before);
  }
}

}  // namespace
}  // namespace greffe
