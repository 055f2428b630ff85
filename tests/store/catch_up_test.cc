// Histories whose commits are large, through an index that is made anew within little memory.
#include <deque>
#include <functional>
#include <thread>

#include "absl/strings/str_format.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/store/history_reader.h"
#include "storage/store/recovery.h"
#include "tests/store/committer_fixture.h"

namespace greffe {
namespace {

constexpr int kHistoryCommits = 200;
constexpr int kDocumentsEach = 20;  // in each commit
constexpr std::int64_t kMostAhead = 64 << 10;

class CatchUpTest : public CommitterFixture {
 protected:
  CatchUpTest() : CommitterFixture(1) {}

  void SetUp() override {
    CommitterFixture::SetUp();
    ASSERT_TRUE(Write("apollo", Make).get().ok());
    for (int i = 1; i < kHistoryCommits; ++i) {
      const auto made =
          Write("apollo", [i](Transaction& transaction) -> absl::Status {
            for (int d = 0; d < kDocumentsEach; ++d) {
              v1::Document document;
              document.set_title(std::string(500, 't'));
              document.set_path(std::to_string(i) + "/" + std::to_string(d) + ".md");
              GREFFE_RETURN_IF_ERROR(CreateDocument(transaction, document, "", "ada", "document", "id").status());
            }
            return absl::OkStatus();
          }).get();
      ASSERT_TRUE(made.ok()) << made.status();
    }
  }

  // Until `most` are added.
  void AddAll(HistoryReader& history, int most = kHistoryCommits, const std::function<void(int)>& added = {}) {
    int count = 0;
    for (Oid oid = (*journal_->ReadHead("apollo", kMainRef))->target; !oid.IsZero() && count < most;) {
      const auto object = objects_->Read("apollo", oid);
      EXPECT_TRUE(object.ok()) << object.status();
      history.Add({oid, ""});
      if (added) added(count);
      ++count;
      const auto commit = ParseCommit(object->data);
      oid = commit->parents.empty() ? Oid{} : commit->parents[0];
    }
  }
};

TEST_F(CatchUpTest, WhatIsReadAheadHasABoundInBytes) {
  HistoryReader history(*objects_, "apollo", kHistoryCommits, kMostAhead);
  AddAll(history);
  // What one commit has, and what each of at most four readers may add: a part, which ends with a commit.
  constexpr std::int64_t kCommitBytes = 32 << 10;
  for (int i = 0; i < kHistoryCommits; ++i) {
    EXPECT_LE(history.BytesAhead(), kMostAhead + 6 * (kMostAhead / 8 + kCommitBytes));
    const auto facts = history.Next();
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ((*facts)->change.sequence(), i + 1);
    EXPECT_EQ((*facts)->documents.size(), i == 0 ? 0U : std::size_t{kDocumentsEach});
  }
  EXPECT_LE(history.BytesAhead(), kMostAhead / 8 + kCommitBytes);
}

TEST_F(CatchUpTest, ACommitAboveTheBoundIsReadAllTheSame) {
  HistoryReader history(*objects_, "apollo", kHistoryCommits, 1);
  AddAll(history);
  for (int i = 0; i < kHistoryCommits; ++i) {
    const auto facts = history.Next();
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ((*facts)->change.sequence(), i + 1);
  }
}

TEST_F(CatchUpTest, WhatIsReadWhileMoreIsAddedComesInItsPlace) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "one processor reads nothing early";
  HistoryReader history(*objects_, "apollo", kHistoryCommits);
  AddAll(history, kHistoryCommits, [&](int count) {
    while (count == kHistoryCommits - 10 && history.BytesAhead() == 0) std::this_thread::yield();
  });
  for (int i = 0; i < kHistoryCommits; ++i) {
    const auto facts = history.Next();
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ((*facts)->change.sequence(), i + 1);
  }
}

TEST_F(CatchUpTest, OneThatIsGivenUpWhileMoreIsAddedEndsItsReaders) {
  for (const std::int64_t most_bytes : {std::int64_t{1}, HistoryReader::kMostBytes}) {
    HistoryReader history(*objects_, "apollo", kHistoryCommits, most_bytes);
    AddAll(history, kHistoryCommits / 2);
    EXPECT_LE(history.BytesAhead(), HistoryReader::kMostBytes);
  }
}

TEST_F(CatchUpTest, OneThatIsGivenUpEndsItsReaders) {
  HistoryReader history(*objects_, "apollo", kHistoryCommits, 1);
  AddAll(history);
  ASSERT_TRUE(history.Next().ok());
}

TEST_F(CatchUpTest, AnIndexMadeOfManySmallBatchesHasTheSameRows) {
  auto again = Index::Open({.directory = directory_.path() + "/again"});
  ASSERT_TRUE(again.ok()) << again.status();
  const auto nobody = [](const std::string&, const absl::Status& why) { ADD_FAILURE() << why; };
  ASSERT_TRUE(Recovery(*journal_, **again, *objects_, [](const std::string&) {}, nobody,
                       {.batch_bytes = 1, .ahead_bytes = kMostAhead})
                  .CatchUpIndex()
                  .ok());
  std::string differences;
  const auto rows = index_->CompareWith(**again, [&](const std::string& text) { differences += text + "\n"; });
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_GT(*rows, kHistoryCommits * kDocumentsEach);
  EXPECT_EQ(differences, "");
}

class LongHistoryTest : public CommitterFixture {
 protected:
  LongHistoryTest() : CommitterFixture(2) {}
};

// So many commits that go in in bulk.
TEST_F(LongHistoryTest, GoesInInBulkWithTheRowsThatItHasCommitByCommit) {
  constexpr int kCommits = 510;
  ASSERT_TRUE(Write("apollo", Make).get().ok());
  std::deque<Answer> answers;
  for (int i = 2; i <= kCommits; ++i) {
    answers.push_back(Write("apollo", [i](Transaction& transaction) -> absl::Status {
      v1::Document document;
      document.set_path(std::to_string(i % 9) + "/" + std::to_string(i / 9) + ".md");
      if (i % 10 != 0) return CreateDocument(transaction, document, "", "ada", "document", "id").status();
      document.set_name(FormatDocumentName("apollo", absl::StrFormat("REC-%04d", i / 2)));
      document.set_title("Renamed at " + std::to_string(i));
      return UpdateDocument(transaction, document, {"title"}, "document");
    }));
  }
  for (Answer& answer : answers) {
    const auto made = answer.get();
    ASSERT_TRUE(made.ok()) << made.status();
  }
  ASSERT_EQ((*journal_->ReadHead("apollo", kMainRef))->sequence, kCommits);
  auto again = Index::Open({.directory = directory_.path() + "/again"});
  ASSERT_TRUE(again.ok()) << again.status();
  const auto nobody = [](const std::string&, const absl::Status& why) { ADD_FAILURE() << why; };
  ASSERT_TRUE(Recovery(*journal_, **again, *objects_, [](const std::string&) {}, nobody, {.bulk_commits = 500})
                  .CatchUpIndex()
                  .ok());
  std::string differences;
  const auto rows = index_->CompareWith(**again, [&](const std::string& text) { differences += text + "\n"; });
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_GT(*rows, 5 * kCommits);
  EXPECT_EQ(differences.substr(0, 1000), "");
}

TEST_F(CatchUpTest, ABatchTellsWhatItsRowsTake) {
  HistoryReader history(*objects_, "apollo", kHistoryCommits);
  AddAll(history);
  auto again = Index::Open({.directory = directory_.path() + "/again"});
  ASSERT_TRUE(again.ok()) << again.status();
  IndexBatch batch(**again);
  std::int64_t before = batch.bytes();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(batch.Apply(**history.Next()).ok());
    EXPECT_GT(batch.bytes(), before + (i == 0 ? 0 : kDocumentsEach * 500));
    before = batch.bytes();
  }
  ASSERT_TRUE((*again)->WriteSome(batch).ok());
  EXPECT_LT(batch.bytes(), 100);
}

}  // namespace
}  // namespace greffe
