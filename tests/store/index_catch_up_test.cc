// Indexes that are brought to the heads of several projects: their rows are those of the live path.
#include "storage/store/index_catch_up.h"

#include "storage/base/errors.h"
#include "storage/base/record_layout.h"
#include "storage/git/object_format.h"
#include "storage/store/commit_codec.h"
#include "tests/store/committer_fixture.h"

namespace greffe {
namespace {

constexpr std::int64_t kNoBulk = std::int64_t{1} << 40;

class IndexCatchUpTest : public CommitterFixture {
 protected:
  IndexCatchUpTest() : CommitterFixture(1) {}

  void SetUp() override {
    CommitterFixture::SetUp();
    for (const char* const project : {"apollo", "gemini", "mercury"}) {
      ASSERT_TRUE(Write(project, Make).get().ok());
      AddDocuments(project, 70);
    }
  }

  void AddDocuments(const std::string& project, int count) {
    for (int i = 0; i < count; ++i) {
      const auto made = Write(project, [i](Transaction& transaction) {
                          v1::Document document;
                          document.set_title("Document " + std::to_string(i));
                          return CreateDocument(transaction, document, "", "ada", "document", "id").status();
                        }).get();
      ASSERT_TRUE(made.ok()) << made.status();
    }
  }

  // A commit that says that it is the `sequence`th, or says nothing at all (0), behind the newest one.
  void AppendOddCommit(const std::string& project, std::int64_t sequence) {
    const Head head = **journal_->ReadHead(project, kMainRef);
    CommitIntent intent;
    intent.parent = head.target;
    intent.tree = ParseCommit(objects_->Read(project, head.target)->data)->tree;
    intent.sequence = sequence;
    intent.record_time = 1'800'000'000'000'000;
    intent.effective_time = intent.record_time;
    intent.subject = "Odd";
    CommitObject commit = MakeCommit(intent);
    if (sequence == 0) commit.message = "Odd\n";
    JournalCommit odd;
    odd.sequence = head.sequence + 1;
    const std::string data = SerializeCommit(commit);
    odd.commit = HashObject(ObjectType::kCommit, data);
    odd.objects.push_back({odd.commit, {ObjectType::kCommit, data}, Oid{}});
    CommitGroup group;
    group.repository = project;
    group.refs.push_back({kMainRef, head.target, odd.commit, odd.sequence});
    group.commits.push_back(std::move(odd));
    const absl::Status appended = journal_->Append(group);
    ASSERT_TRUE(appended.ok()) << appended;
  }

  std::unique_ptr<Index> OpenIndex(const std::string& name) {
    auto index = Index::Open({.directory = directory_.path() + "/" + name});
    EXPECT_TRUE(index.ok()) << index.status();
    return *std::move(index);
  }

  void CatchUp(Index& index, std::int64_t bulk_commits) {
    refused_.clear();
    CatchUpLimits limits;
    limits.bulk_commits = bulk_commits;
    const auto refuse = [this](const std::string& project, const absl::Status& why) {
      EXPECT_TRUE(absl::IsDataLoss(why)) << why;
      refused_.push_back(project);
      return absl::OkStatus();
    };
    const absl::Status done = IndexCatchUp(
                                  index, *objects_, [](const std::string&) {}, refuse, limits)
                                  .Run(*ListProjectHeads(*journal_));
    EXPECT_TRUE(done.ok()) << done;
  }

  // How many rows, none of which differs.
  static std::int64_t CompareRows(Index& a, Index& b) {
    std::string differences;
    const auto rows = a.CompareWith(b, [&](const std::string& text) { differences += text + "\n"; });
    EXPECT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(differences, "");
    return rows.value_or(0);
  }

  std::vector<std::string> refused_;
};

TEST_F(IndexCatchUpTest, ProjectsThatItKnowsNothingOfGoInTogether) {
  const auto made = OpenIndex("made");
  CatchUp(*made, 200);  // of all three, not of one
  EXPECT_GT(CompareRows(*index_, *made), 3 * 70 * 5);
  EXPECT_TRUE(refused_.empty());
}

TEST_F(IndexCatchUpTest, OnesThatItKnowsGoOnBesideNewOnes) {
  const auto made = OpenIndex("made");
  CatchUp(*made, kNoBulk);
  AddDocuments("gemini", 5);
  for (const char* const project : {"vostok", "zond"}) {
    ASSERT_TRUE(Write(project, Make).get().ok());
    AddDocuments(project, 20);
  }
  CatchUp(*made, 30);
  CompareRows(*index_, *made);
}

TEST_F(IndexCatchUpTest, OneThatCannotBeReadLeavesTheOthersWhole) {
  AppendOddCommit("gemini", 0);
  const auto made = OpenIndex("made");
  CatchUp(*made, 1);
  EXPECT_EQ(refused_, std::vector<std::string>{"gemini"});
  CompareRows(*index_, *made);  // which knows nothing of the odd one either
}

TEST_F(IndexCatchUpTest, OneWhoseRowsCannotBeMadeLeavesTheOthersWhole) {
  AppendOddCommit("gemini", 1000);
  const auto made = OpenIndex("made");
  CatchUp(*made, 1);
  EXPECT_EQ(refused_, std::vector<std::string>{"gemini"});
  const auto plain = OpenIndex("plain");
  CatchUp(*plain, kNoBulk);
  EXPECT_EQ(refused_, std::vector<std::string>{"gemini"});
  EXPECT_GT(CompareRows(*plain, *made), 2 * 70 * 5);
  for (const char* const project : {"apollo", "mercury"}) {
    const auto mark = made->FindMark(project);
    ASSERT_TRUE(mark.ok() && *mark) << project;
    EXPECT_EQ((*mark)->sequence, 71);
  }
  // The next start finds it alone, and takes nothing of the others away for it.
  ASSERT_TRUE(made->KeepLatestContent("apollo", "REC-0001", {}, "text").ok());
  CatchUp(*made, 1);
  EXPECT_EQ(refused_, std::vector<std::string>{"gemini"});
  std::string answer;
  EXPECT_TRUE(*made->FindLatestContent("apollo", "REC-0001", answer)) << "it was cleared";
}

TEST_F(IndexCatchUpTest, OneThatStandsElsewhereIsMadeAgain) {
  const auto made = OpenIndex("made");
  CatchUp(*made, kNoBulk);
  // Of another history of the same project.
  IndexBatch batch(*made);
  CommitFacts facts;
  facts.project = "apollo";
  facts.change.set_sequence(72);
  facts.change.set_commit(std::string(40, 'a'));
  ASSERT_TRUE(batch.Apply(facts).ok());
  ASSERT_TRUE(made->Write(batch).ok());
  AddDocuments("apollo", 3);
  CatchUp(*made, 1);
  CompareRows(*index_, *made);
}

}  // namespace
}  // namespace greffe
