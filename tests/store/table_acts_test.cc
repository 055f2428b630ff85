// Which old rows of a table say what was there, when only so many revisions are read.
#include "storage/store/table_acts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "greffe/v1/risks.pb.h"
#include "storage/store/register_acts.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

constexpr int kEntries = 3;
constexpr int kRevisions = 5;

class TableActsTest : public StoreFixture {
 protected:
  // Entries with some revisions each, whose etags are kept.
  void SetUp() override {
    StoreFixture::SetUp();
    ASSERT_TRUE(MakeProject().ok());
    for (int entry = 1; entry <= kEntries; ++entry) {
      const std::string id = "R" + std::to_string(entry);
      std::vector<std::string>& etags = etags_.emplace_back();
      for (int revision = 0; revision < kRevisions; ++revision) {
        v1::Risk risk;
        risk.set_title("title " + std::to_string(revision));
        const auto put = Act([&](Transaction& transaction) {
          if (revision == 0) return AddEntry(transaction, risk, id, "entry").status();
          return UpdateEntry(transaction, risk, id, {"title"}, "entry");
        });
        ASSERT_TRUE(put.ok()) << put.status();
        etags.push_back(put->FindRecord<v1::Risk>()->etag());
      }
    }
  }

  ReadTable Table(const std::vector<std::string>& etags, const std::string& title) const {
    std::string csv = "id,etag,title\n";
    for (int i = 0; i < kEntries; ++i) {
      csv += "R" + std::to_string(i + 1) + "," + etags[static_cast<std::size_t>(i)] + "," + title + "\n";
    }
    auto table = ReadTableBytes(Schema(), csv, {}, {});
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }
  TableSchema Schema() const { return *TableSchema::Make(project_, "risks", "parent"); }
  absl::StatusOr<std::set<std::string>> Find(const ReadTable& table, int most,
                                             const absl::Status& check = absl::OkStatus()) {
    return FindUnedited(
        View(), [this](std::int64_t sequence) { return View(sequence); }, Schema(), table, [&] { return check; }, most);
  }

  v1::Project project_;
  std::vector<std::vector<std::string>> etags_;  // by entry, the oldest first
};

TEST_F(TableActsTest, RowsBehindTheLastRevisionThatIsReadAreConflicts) {
  project_ = *View().GetProject();
  ReadTable table = Table({"foreign", "foreign", "foreign"}, "mine");
  const auto unedited = Find(table, 2 * kRevisions);
  ASSERT_TRUE(unedited.ok()) << unedited.status();
  EXPECT_TRUE(unedited->empty());
  std::vector<v1::TableRow> rows;
  const TableImport import{Schema(), std::move(table), *unedited, false, ""};
  const auto done = Act([&](Transaction& transaction) { return ImportTable(transaction, import, rows); });
  EXPECT_EQ(ReasonOf(done.status()), kTableNotApplied);
  ASSERT_EQ(rows.size(), kEntries);
  for (const v1::TableRow& row : rows) EXPECT_EQ(row.outcome(), v1::ROW_OUTCOME_CONFLICT) << row.id();
}

TEST_F(TableActsTest, RowsThatAreUneditedStaySoWhenSomethingChangesBeforeTheirTurn) {
  project_ = *View().GetProject();
  const std::string newest = "title " + std::to_string(kRevisions - 1);
  ReadTable table = Table({etags_[0].back(), etags_[1].back(), etags_[2].back()}, newest);
  const auto unedited = Find(table, kMaxRevisionsRead);
  ASSERT_TRUE(unedited.ok()) << unedited.status();
  v1::Risk risk;
  risk.set_title("changed meanwhile");
  const auto changed =
      Act([&](Transaction& transaction) { return UpdateEntry(transaction, risk, "R1", {"title"}, "entry"); });
  ASSERT_TRUE(changed.ok()) << changed.status();
  std::vector<v1::TableRow> rows;
  const TableImport import{Schema(), std::move(table), *unedited, false, ""};
  const auto done = Act([&](Transaction& transaction) { return ImportTable(transaction, import, rows); });
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->sequence, 0);
  ASSERT_EQ(rows.size(), kEntries);
  for (const v1::TableRow& row : rows) EXPECT_EQ(row.outcome(), v1::ROW_OUTCOME_UNCHANGED) << row.id();
}

TEST_F(TableActsTest, RevisionsThatAreFoundCountToo) {
  project_ = *View().GetProject();
  const ReadTable table = Table({etags_[0][0], etags_[1][0], etags_[2][0]}, "title 0");
  EXPECT_EQ(*Find(table, 3 * kRevisions), (std::set<std::string>{"R1", "R2", "R3"}));
  EXPECT_EQ(*Find(table, 2 * kRevisions), (std::set<std::string>{"R1", "R2"}));
}

TEST_F(TableActsTest, ASearchThatNobodyWaitsForEnds) {
  project_ = *View().GetProject();
  const ReadTable table = Table({"foreign", "foreign", "foreign"}, "mine");
  EXPECT_TRUE(absl::IsCancelled(Find(table, 100, absl::CancelledError("gone")).status()));
}

}  // namespace
}  // namespace greffe
