// Rows of the index that are not what they should be, whole as they are for RocksDB.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/db.h"
#include "storage/index/keys.h"
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
};

TEST_F(DamagedIndexTest, ARowThatIsNoneIsToldAndTheNextStartMakesTheIndexAgain) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(Put("", "two", "SPC-0001", "request").ok());
  const std::string before = DumpIndex();
  struct Case {
    const char* what;
    const char* family;
    std::string key;
    std::function<absl::Status()> use;
  };
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
  // A start that meets it goes on at once.
  Damage("current", "mapollo");
  Open();
  EXPECT_EQ(DumpIndex(), before);
}

}  // namespace
}  // namespace greffe
