// An index that another version of the program left.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "rocksdb/db.h"
#include "storage/index/index.h"
#include "storage/store/maintenance.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class IndexFormatTest : public StoreFixture {
 protected:
  std::string Data() const { return directory_.path() + "/data"; }

  // With nobody at the index.
  std::unique_ptr<rocksdb::DB> OpenDatabase(std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : {"default", "rows", "current", "content"}) families.push_back({name, {}});
    rocksdb::DB* raw = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, Data() + "/index", families, &handles, &raw).ok());
    return std::unique_ptr<rocksdb::DB>(raw);
  }
  void SetFormat(const std::string& format) {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto db = OpenDatabase(handles);
    ASSERT_TRUE(db->Put({}, "format", format).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
  std::string Format() {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto db = OpenDatabase(handles);
    std::string format;
    EXPECT_TRUE(db->Get({}, "format", &format).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
    return format;
  }
};

TEST_F(IndexFormatTest, ANewerOneIsNeitherOpenedNorRemoved) {
  ASSERT_TRUE(MakeProject().ok());
  store_.reset();
  SetFormat("1000");
  EXPECT_EQ(ReasonOf(Index::Open({.directory = Data() + "/index"}).status()), "INDEX_FORMAT_NEWER");
  EXPECT_EQ(ReasonOf(RebuildIndex(Data(), [](const std::string&) {}).status()), "INDEX_FORMAT_NEWER");
  EXPECT_EQ(Format(), "1000");
}

TEST_F(IndexFormatTest, AnOlderOneIsMadeAgain) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  const std::string before = DumpIndex();
  store_.reset();
  SetFormat("1");
  Open();
  EXPECT_EQ(DumpIndex(), before);
  store_.reset();
  SetFormat("1");
  ASSERT_TRUE(RebuildIndex(Data(), [](const std::string&) {}).ok());
  Open();
  EXPECT_EQ(DumpIndex(), before);
}

}  // namespace
}  // namespace greffe
