// Large contents whose files were damaged or taken away under the server.
#include <gtest/gtest.h>

#include <filesystem>

#include "storage/git/loose_object.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class DamagedContentTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    ASSERT_TRUE(MakeProject().ok());
    for (std::size_t i = 0; i < content_.size(); ++i) content_[i] = static_cast<char>(i * 2654435761u >> 13);
  }

  std::string Repository() const { return directory_.path() + "/data/repositories/apollo.git"; }
  std::string ObjectFile() const {
    const std::string oid = HashObject(ObjectType::kBlob, content_).Hex();
    return Repository() + "/objects/" + oid.substr(0, 2) + "/" + oid.substr(2);
  }

  // `change` as a shell has it, with $f for the content's file.
  void Damage(const std::string& change) {
    const ShellResult result = Shell("f=" + ObjectFile() + " && chmod u+w $f && " + change);
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }

  // Of the document that `made` made.
  void ExpectContent(const absl::StatusOr<WriteResult>& made) {
    ASSERT_TRUE(made.ok()) << made.status();
    const auto read = store_->ReadContent("apollo", made->documents[0].latest_version().main_file());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, content_);
  }

  // The id of a complete upload of the content.
  std::string Upload() {
    const auto upload = store_->uploads().Create("apollo", static_cast<std::int64_t>(content_.size()), "", "");
    EXPECT_TRUE(upload.ok()) << upload.status();
    const std::string id = upload->name().substr(upload->name().rfind('/') + 1);
    const auto writer = store_->uploads().OpenWriter("apollo", id);
    EXPECT_TRUE(writer.ok()) << writer.status();
    EXPECT_TRUE((*writer)->Append(0, content_, Crc32c(content_)).ok());
    const auto finished = (*writer)->Finish();
    EXPECT_TRUE(finished.ok()) << finished.status();
    return id;
  }

  absl::StatusOr<WriteResult> CheckInUpload(const std::string& id) {
    GREFFE_ASSIGN_OR_RETURN(const StagedContent staged,
                            store_->StageUpload("apollo", id, "u.bin", "application/octet-stream"));
    return Act([&](Transaction& transaction) -> absl::Status {
      v1::Document document;
      document.set_path("u.bin");
      CheckInAct act;
      GREFFE_ASSIGN_OR_RETURN(act.number, CreateDocument(transaction, document, "", "ada", "document", "id"));
      act.main_file = staged;
      return CheckIn(transaction, std::move(act), "item").status();
    });
  }

  std::string content_ = std::string(3'000'000, '\0');
};

TEST_F(DamagedContentTest, TheSameContentUploadedAgainMendsIt) {
  std::vector<absl::StatusOr<WriteResult>> made = {PutLarge("apollo", "0.bin", content_)};
  for (const char* change : {"truncate -s 1000000 $f", "truncate -s 0 $f", "printf Z | dd of=$f bs=1 conv=notrunc",
                             "printf Z | dd of=$f bs=1 seek=2000000 conv=notrunc", "rm -f $f"}) {
    SCOPED_TRACE(change);
    Damage(change);
    made.push_back(PutLarge("apollo", std::to_string(made.size()) + ".bin", content_));
    for (const absl::StatusOr<WriteResult>& one : made) ExpectContent(one);
  }
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("fsck --full --strict"), "");
  EXPECT_EQ(Shell("ls -A " + directory_.path() + "/data/uploads").output, "");
}

TEST_F(DamagedContentTest, DamageThatComesAfterTheUploadIsMendedByItsCheckIn) {
  const auto first = PutLarge("apollo", "first.bin", content_);
  const std::string id = Upload();
  Damage("truncate -s 1000000 $f");
  store_.reset();
  Open();
  ExpectContent(CheckInUpload(id));
  ExpectContent(first);
}

TEST_F(DamagedContentTest, AnUploadWhoseFileIsGoneIsRefusedAndMakesNoCommit) {
  const std::string id = Upload();
  ASSERT_TRUE(std::filesystem::remove(store_->uploads().FilePath("apollo", id)));
  const auto refused = CheckInUpload(id);
  EXPECT_EQ(ReasonOf(refused.status()), "DATA_DAMAGED") << refused.status();
  EXPECT_EQ(View().ListChanges(0, 100)->size(), 1U) << "that of the project";
  ASSERT_TRUE(Put("a.md", "after").ok());
}

}  // namespace
}  // namespace greffe
