// Large contents whose files were damaged or taken away under the server.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <random>

#include "storage/git/loose_object.h"
#include "tests/bytes_of_process.h"
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

  void Configure(StoreOptions& options) override { options.reserve_bytes = reserve_bytes_; }

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

  // A reader of what `made` made, as the first one since a start.
  std::unique_ptr<ContentReader> OpenAfterStart(const absl::StatusOr<WriteResult>& made) {
    store_.reset();
    Open();
    auto reader = store_->OpenContent("apollo", made->documents[0].latest_version().main_file());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return reader.ok() ? *std::move(reader) : nullptr;
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

  std::int64_t reserve_bytes_ = 0;
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

// A check-in that brings nothing new gives its uploads up.
TEST_F(DamagedContentTest, TheSameContentCheckedInAgainToItsDocumentMendsIt) {
  const auto main_made = PutLarge("apollo", "main.bin", content_);
  const auto text = store_->Stage("text", "a.md", "", "data");
  ASSERT_TRUE(text.ok());
  // As the main file, and as a companion of a text.
  const auto check_in = [&](const std::string& number, bool as_main, const std::string& upload) {
    return Act([&, number, as_main, upload](Transaction& transaction) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(StagedContent content, store_->StageUpload("apollo", upload, "main.bin", ""));
      CheckInAct act;
      act.number = number;
      if (number.empty()) {
        v1::Document document;
        document.set_path("a.md");
        GREFFE_ASSIGN_OR_RETURN(act.number, CreateDocument(transaction, document, "", "ada", "document", "id"));
      }
      act.main_file = as_main ? content : *text;
      if (!as_main) {
        content.file.set_role(v1::FILE_ROLE_ATTACHMENT);
        content.file.set_file_name("attached.bin");
        act.companions.push_back(content);
      }
      return CheckIn(transaction, std::move(act), "item").status();
    });
  };
  const auto companion_made = check_in("", false, Upload());
  ASSERT_TRUE(companion_made.ok()) << companion_made.status();
  for (const bool as_main : {true, false}) {
    const v1::Document& document = (as_main ? main_made : companion_made)->documents[0];
    for (const char* change : {"printf Z | dd of=$f bs=1 seek=2000000 conv=notrunc", "rm -f $f"}) {
      SCOPED_TRACE(change);
      Damage(change);
      const std::string number = document.name().substr(document.name().rfind('/') + 1);
      const auto again = check_in(number, as_main, Upload());
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(again->sequence, 0) << "nothing is new";
      ExpectContent(main_made);
      const auto attached = store_->ReadContent("apollo", companion_made->documents[0].latest_version().companions(0));
      ASSERT_TRUE(attached.ok()) << attached.status();
      EXPECT_EQ(*attached, content_);
    }
  }
  EXPECT_EQ(Shell("ls -A " + directory_.path() + "/data/uploads").output, "");
}

TEST_F(DamagedContentTest, WhatIsLostIsNotWrittenOrSoughtAgainAtEachDownload) {
  const auto made = PutLarge("apollo", "0.bin", content_);
  Damage("printf Z | dd of=$f bs=1 seek=2000000 conv=notrunc");
  store_.reset();
  Open();
  const v1::File& file = made->documents[0].latest_version().main_file();
  std::string all(content_.size(), '\0');
  const std::int64_t written = BytesOfProcess("wchar");
  for (int i = 0; i < 4; ++i) {
    const std::int64_t read = BytesOfProcess("rchar");
    const auto reader = store_->OpenContent("apollo", file);
    ASSERT_TRUE(reader.ok()) << reader.status();
    if (i > 1) {
      EXPECT_LT(BytesOfProcess("rchar") - read, 1'000'000) << "it was sought at the second opening";
    }
    EXPECT_EQ(ReasonOf((*reader)->Read(0, file.size(), all.data())), "DATA_DAMAGED");
  }
  EXPECT_LT(BytesOfProcess("wchar") - written, 1'000'000);
  // What comes into its place is looked at.
  ExpectContent(PutLarge("apollo", "1.bin", content_));
  ExpectContent(made);
}

TEST_F(DamagedContentTest, ARangeOfWhatWasNotReadSinceTheStartIsNotGivenWhereAnythingIsDamaged) {
  const auto made = PutLarge("apollo", "0.bin", content_);
  Damage("printf Z | dd of=$f bs=1 seek=2000000 conv=notrunc");
  std::string range(1000, '\0');
  for (const std::int64_t offset : {1'999'500, 100, 2'999'000}) {
    const auto reader = OpenAfterStart(made);
    ASSERT_NE(reader, nullptr);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(ReasonOf(reader->Read(offset, 1000, range.data())), "DATA_DAMAGED") << offset;
    }
  }
  const auto reader = OpenAfterStart(made);
  ASSERT_NE(reader, nullptr);
  const auto first = reader->Verify(1);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(*first) << "it was read up to its first block";
  EXPECT_EQ(ReasonOf(reader->Verify(3'000'000).status()), "DATA_DAMAGED");
  EXPECT_EQ(ReasonOf(reader->Read(0, 1000, range.data())), "DATA_DAMAGED");
}

TEST_F(DamagedContentTest, RangesInAnyOrderAreThoseOfTheContent) {
  const auto made = PutLarge("apollo", "0.bin", content_);
  std::string range(1000, '\0');
  const auto expect_range = [&](ContentReader& reader, std::int64_t offset) {
    const absl::Status read = reader.Read(offset, 1000, range.data());
    ASSERT_TRUE(read.ok()) << read;
    EXPECT_EQ(range, content_.substr(static_cast<std::size_t>(offset), 1000)) << offset;
  };
  const auto reader = OpenAfterStart(made);
  ASSERT_NE(reader, nullptr);
  // What was begun in order is hashed to its end before the range, and damage that comes then is seen in what it hits.
  for (const std::int64_t offset : {0, 1000, 2'999'000, 0, 1'500'000, 2000}) expect_range(*reader, offset);
  Damage("printf Z | dd of=$f bs=1 seek=2000000 conv=notrunc");
  expect_range(*reader, 0);
  EXPECT_EQ(ReasonOf(reader->Read(1'999'500, 1000, range.data())), "DATA_DAMAGED");
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

// As after the recovery from a clone.
TEST_F(DamagedContentTest, WhatStockGitWroteInItsPlaceIsRead) {
  std::mt19937_64 random(1);
  for (char& c : content_) c = static_cast<char>(random());
  const auto made = PutLarge("apollo", "0.bin", content_);
  std::ofstream(directory_.path() + "/content") << content_;
  Damage("rm -f $f && git -C " + Repository() + " -c core.looseCompression=1 hash-object -w --stdin < " +
         directory_.path() + "/content");
  // Without room for another copy it is read into memory; with room it is written so that ranges can be read.
  for (const std::int64_t reserve : {INT64_MAX / 2, std::int64_t{0}}) {
    reserve_bytes_ = reserve;
    const auto reader = OpenAfterStart(made);
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(reader->held() == reader->size(), reserve > 0);
    EXPECT_EQ(LooseObjectReader::Open(ObjectFile()).ok(), reserve == 0);
    std::string all(content_.size(), '\0');
    const absl::Status read = reader->Read(0, reader->size(), all.data());
    ASSERT_TRUE(read.ok()) << read;
    EXPECT_EQ(all, content_);
  }
}

TEST_F(DamagedContentTest, WhatAPackHasIsReadWhereItsOwnFileIsDamaged) {
  const auto made = PutLarge("apollo", "0.bin", content_);
  ASSERT_TRUE(store_->FlushRepositories().ok());
  Git("repack -q -a");
  for (const char* change : {"truncate -s 1000000 $f", "printf Z | dd of=$f bs=1 conv=notrunc", "rm -f $f"}) {
    SCOPED_TRACE(change);
    Damage(change);
    const auto reader = OpenAfterStart(made);
    ASSERT_NE(reader, nullptr);
    std::string all(content_.size(), '\0');
    const absl::Status read = reader->Read(0, reader->size(), all.data());
    ASSERT_TRUE(read.ok()) << read;
    EXPECT_EQ(all, content_);
    EXPECT_LT(reader->held(), reader->size()) << "it is in its place again";
  }
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(DamagedContentTest, WhatRotsInItsPlaceComesBackFromThePack) {
  const auto made = PutLarge("apollo", "0.bin", content_);
  ASSERT_TRUE(store_->FlushRepositories().ok());
  Git("repack -q -a");
  const v1::File& file = made->documents[0].latest_version().main_file();
  std::string all(content_.size(), '\0');
  // Both before anything was read whole since the start, and after.
  for (int i = 0; i < 2; ++i) {
    Damage("printf '\\001\\002\\003' | dd of=$f bs=1 seek=1000000 conv=notrunc");
    auto reader = i == 0 ? OpenAfterStart(made) : *store_->OpenContent("apollo", file);
    ASSERT_NE(reader, nullptr);
    EXPECT_TRUE(absl::IsDataLoss(reader->Read(0, reader->size(), all.data())));
    reader = *store_->OpenContent("apollo", file);
    const absl::Status read = reader->Read(0, reader->size(), all.data());
    ASSERT_TRUE(read.ok()) << read;
    EXPECT_EQ(all, content_);
  }
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

// What a process leaves that is killed between the place of a content and the append that names it.
TEST_F(DamagedContentTest, WhatAKilledCheckInPlacedIsTakenBackAtTheStartUnlessAVersionHasIt) {
  const std::string id = Upload();
  const std::string file = store_->uploads().FilePath("apollo", id);
  const auto place = [&] {
    std::filesystem::create_directories(ObjectFile().substr(0, ObjectFile().rfind('/')));
    ASSERT_EQ(Shell("ln -f " + file + " " + ObjectFile()).exit_code, 0);
    store_.reset();
    Open();
  };
  ASSERT_TRUE(Put("a.md", "text").ok());
  ASSERT_TRUE(store_->FlushRepositories().ok());
  place();
  EXPECT_FALSE(std::filesystem::exists(ObjectFile()));
  EXPECT_TRUE(store_->uploads().Get("apollo", id)->complete()) << "it can be checked in yet";
  // A withdrawn document has it, in an older version.
  const auto made = PutLarge("apollo", "0.bin", content_);
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string number = made->documents[0].name().substr(made->documents[0].name().rfind('/') + 1);
  ASSERT_TRUE(Put("0.bin", "shorter", number).ok());
  ASSERT_TRUE(Act([&](Transaction& transaction) { return WithdrawDocument(transaction, number, ""); }).ok());
  place();
  EXPECT_TRUE(std::filesystem::exists(ObjectFile()));
  ExpectContent(made);
}

// Writes of one project that wait together, behind one of another that holds the only committer.
class DamagedTreeTest : public DamagedContentTest {
 protected:
  void Configure(StoreOptions& options) override {
    options.reserve_bytes = 0;
    options.committers = 1;
    options.quick_append = {};
  }

  using Answer = std::future<absl::StatusOr<WriteResult>>;
  Answer Write(const std::string& project, std::function<absl::Status(Transaction&)> act) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<WriteResult>>>();
    Answer answer = promise->get_future();
    WriteRequest request;
    request.project = project;
    request.principal.set_id("ada");
    request.act = std::move(act);
    store_->Write(std::move(request),
                  [promise](const absl::StatusOr<WriteResult>& result) { promise->set_value(result); });
    return answer;
  }
  Answer CheckInText(const std::string& number, const std::string& path) {
    const auto content = store_->Stage("changed", path, "", "data");
    EXPECT_TRUE(content.ok()) << content.status();
    return Write("apollo", [=](Transaction& transaction) {
      CheckInAct act;
      act.number = number;
      act.main_file = *content;
      return CheckIn(transaction, std::move(act), "item").status();
    });
  }
};

TEST_F(DamagedTreeTest, ItFailsTheWriteThatMeetsItAndTheOthersOfTheGroupAreToBeAskedAgain) {
  for (const char* path : {"a/1.md", "b/2.md", "c/3.md"}) ASSERT_TRUE(Put(path, "text").ok());
  store_.reset();
  const ShellResult lost =
      Shell("cd " + Repository() + " && tree=$(git rev-parse main:b) && mkdir away && mv objects/pack/pack-* away && " +
            "for pack in away/*.pack; do git unpack-objects -q < $pack; done && rm -r away && rm -f " +
            "objects/$(echo $tree | cut -c 1-2)/$(echo $tree | cut -c 3-)");
  ASSERT_EQ(lost.exit_code, 0) << lost.output;
  Open();
  std::promise<void> begun;
  std::promise<void> go;
  Answer held = Write("held", [&](Transaction& transaction) {
    begun.set_value();
    go.get_future().wait();
    v1::Project project;
    project.set_title("Project");
    return CreateProject(transaction, project);
  });
  begun.get_future().wait();
  Answer before = CheckInText("SPC-0001", "1.md");
  Answer damaged = CheckInText("SPC-0002", "2.md");
  Answer behind = CheckInText("SPC-0003", "3.md");
  go.set_value();
  EXPECT_TRUE(held.get().ok());
  EXPECT_TRUE(absl::IsDataLoss(damaged.get().status()));
  for (Answer* answer : {&before, &behind}) {
    const absl::Status status = answer->get().status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_EQ(ReasonOf(status), "WRITE_BEFORE_FAILED");
  }
  EXPECT_TRUE(CheckInText("SPC-0001", "1.md").get().ok());
  EXPECT_TRUE(CheckInText("SPC-0003", "3.md").get().ok());
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
