// Rows of the index that are not what they should be, whole as they are for RocksDB.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/db.h"
#include "storage/index/keys.h"
#include "storage/index/link_queries.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/baseline_acts.h"
#include "storage/store/link_acts.h"
#include "storage/store/recovery.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class DamagedIndexTest : public StoreFixture {
 protected:
  // Puts `garbage` as the row at `key`, or at the newest one that begins so, with nobody at the index.
  void Damage(const std::string& family, const std::string& key) {
    store_.reset();
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : {"default", "rows", "current", "content"}) families.push_back({name, {}});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, directory_.path() + "/data/index", families, &handles, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    rocksdb::ColumnFamilyHandle* const hit = handles[family == "rows" ? 1 : 2];
    {
      const std::unique_ptr<rocksdb::Iterator> row(db->NewIterator({}, hit));
      row->Seek(key);
      ASSERT_TRUE(row->Valid() && row->key().starts_with(key)) << family;
      ASSERT_TRUE(db->Put({}, hit, row->key(), "\xff").ok());
    }
    ASSERT_TRUE(db->Flush({}, handles).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }

  struct Case {
    const char* what;
    const char* family;
    std::string key;
    std::function<absl::Status()> use;  // reads the row
  };
  void ExpectToldAndMadeAgain(const Case& c, const std::string& before) {
    Damage(c.family, c.key);
    Open();
    absl::Status fatal;
    store_->OnFatal([&fatal](const absl::Status& why) { fatal = why; });
    EXPECT_EQ(ReasonOf(c.use()), kIndexDamaged) << c.what;
    EXPECT_EQ(ReasonOf(fatal), kIndexDamaged) << c.what << ": the server is to start again";
    store_.reset();
    Open();
    EXPECT_TRUE(c.use().ok()) << c.what << ": " << c.use();
    EXPECT_EQ(DumpIndex(), before) << c.what;
  }

  absl::StatusOr<WriteResult> Link(const std::string& from, const std::string& to) {
    return Act([&](Transaction& transaction) {
      v1::Link link;
      link.set_type(v1::LINK_TYPE_RELATES_TO);
      link.set_from(FormatDocumentName("apollo", from));
      link.set_to(FormatDocumentName("apollo", to));
      return CreateLink(transaction, link);
    });
  }
};

TEST_F(DamagedIndexTest, ARowThatIsNoneIsToldAndTheNextStartMakesTheIndexAgain) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(Put("", "two", "SPC-0001", "request").ok());
  const std::string before = DumpIndex();
  const std::string project = std::string("apollo") + '\0';
  for (const Case& c : {
           Case{"document", "current", "D" + project + "SPC-0001",
                [&] { return View().GetDocument("SPC-0001").status(); }},
           Case{"version", "rows", "v" + project + "SPC-0001",
                [&] { return View().GetVersion("SPC-0001", 2).status(); }},
           Case{"list", "rows", "d" + project,
                [&] { return View().ListDocuments({}, DocumentOrdering{}, 10, "").status(); }},
           Case{"change", "rows", "c" + project, [&] { return View().ListChanges(0, 10).status(); }},
           Case{"request", "current", "R" + project, [&] { return Put("", "two", "SPC-0001", "request").status(); }},
       }) {
    ExpectToldAndMadeAgain(c, before);
  }
  // A start that meets it goes on at once.
  Damage("current", "mapollo");
  Open();
  EXPECT_EQ(DumpIndex(), before);
}

TEST_F(DamagedIndexTest, ARowOfALinkATallyOrABaselineThatIsNoneIsToldToo) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(Put("b.md", "two").ok());
  ASSERT_TRUE(Link("SPC-0001", "SPC-0002").ok());
  v1::Baseline baseline;
  baseline.set_reason("gate");
  const auto prepared = PrepareBaseline(View(), "G1", baseline);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  ASSERT_TRUE(Act([&](Transaction& transaction) { return CreateBaseline(transaction, *prepared); }).ok());
  const std::string before = DumpIndex();
  v1::AsOf frozen;
  frozen.set_baseline("projects/apollo/baselines/G1");
  const auto of_baseline = [&]() -> absl::Status {
    const auto view = store_->View("apollo", frozen);
    return view.ok() ? view->GetDocument("SPC-0001").status() : view.status();
  };
  const auto figures = [&](std::int64_t sequence) -> absl::Status {
    auto tallies = View(sequence).ReadTallies();
    return tallies.ok() ? ProjectView::CountFigures(*tallies, "2026-12-01", 7).status() : tallies.status();
  };
  ImpactQuery impact;
  impact.subject = "documents/SPC-0001";
  const std::string project = std::string("apollo") + '\0';
  for (const Case& c : {
           Case{"link", "rows", "l" + project + "documents/SPC-0001",
                [&] { return View().FindImpact(impact).status(); }},
           Case{"tally", "current", "S" + project + "documents", [&] { return figures(0); }},
           Case{"tally of then", "rows", "s" + project + "documents" + '\0' + std::string(7, '\xff') + '\xfd',
                [&] { return figures(2); }},
           Case{"frozen document", "rows", "b" + project + "G1", of_baseline},
           Case{"frozen page", "rows", "b" + project + "G1", [&] { return View().ListFrozen("G1", 10, "").status(); }},
           Case{"baseline", "current", "E" + project + "baselines" + '\0' + "G1", of_baseline},
       }) {
    ExpectToldAndMadeAgain(c, before);
  }
}

// A start reads rows where the index has to follow the journal.
TEST_F(DamagedIndexTest, AStartThatMeetsARowThatIsNoneOnItsWayMakesTheIndexAgain) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("docs/a.md", "one").ok());
  ASSERT_TRUE(Put("docs/b.md", "two").ok());
  ASSERT_TRUE(Link("SPC-0001", "SPC-0002").ok());
  const std::string index = directory_.path() + "/data/index";
  const std::string behind = directory_.path() + "/behind";
  store_.reset();
  std::filesystem::copy(index, behind, std::filesystem::copy_options::recursive);
  Open();
  ASSERT_TRUE(Put("", "more", "SPC-0001").ok());
  ASSERT_TRUE(Put("docs/c.md", "three").ok());
  ASSERT_TRUE(Link("SPC-0003", "SPC-0001").ok());
  const std::string before = DumpIndex();
  const std::string project = std::string("apollo") + '\0';
  for (const std::string& row :
       {"D" + project + "SPC-0001", "F" + project + "docs", "L" + project + "documents/SPC-0001",
        "K" + project + "documents/SPC-0001", "S" + project + "documents", "S" + project + "links",
        "E" + project + "links", "N" + project + "SPC"}) {
    store_.reset();
    std::filesystem::remove_all(index);
    std::filesystem::copy(behind, index, std::filesystem::copy_options::recursive);
    Damage("current", row);
    progress_.clear();
    Open();
    EXPECT_THAT(progress_, testing::Contains(testing::HasSubstr("the index was discarded"))) << row;
    EXPECT_EQ(DumpIndex(), before) << row;
  }
  // It was just made, and cannot be read all the same: the other projects are there.
  store_.reset();
  std::filesystem::remove_all(index);
  std::filesystem::copy(behind, index, std::filesystem::copy_options::recursive);
  Damage("current", "D" + project + "SPC-0001");
  const auto journal = OpenRocksDbJournal({.directory = directory_.path() + "/data/journal"});
  const auto rows = Index::Open({.directory = index});
  ASSERT_TRUE(journal.ok() && rows.ok());
  ObjectSource objects(directory_.path() + "/data/repositories", **journal, 8);
  std::map<std::string, absl::Status> apart;
  Recovery recovery(
      **journal, **rows, objects, [](const std::string&) {},
      [&](const std::string& of, const absl::Status& why) { apart.emplace(of, why); });
  EXPECT_EQ(ReasonOf(recovery.CatchUpIndex()), kIndexDamaged);
  EXPECT_TRUE(apart.empty());
  EXPECT_TRUE(recovery.CatchUpIndex(true).ok());
  ASSERT_TRUE(apart.contains("apollo"));
  EXPECT_TRUE(absl::IsDataLoss(apart.at("apollo"))) << "it is not answered for";
}

}  // namespace
}  // namespace greffe
