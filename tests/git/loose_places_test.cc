// Contents with one oid: what takes the place of what. No pair with one oid is known, so some are given wrong hashes.
#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/loose_object.h"
#include "storage/git/repository.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

class LoosePlacesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitializeGit().ok());
    Open();
  }

  void Open() {
    repository_.reset();
    auto opened = GitRepository::Open(directory_.path() + "/p.git");
    ASSERT_TRUE(opened.ok()) << opened.status();
    repository_ = *std::move(opened);
  }

  // A finished loose file beside the repository.
  std::string File(const std::string& content) {
    const std::string path = directory_.path() + "/upload" + std::to_string(count_++);
    const auto writer = LooseObjectWriter::Create(path, static_cast<std::int64_t>(content.size()));
    EXPECT_TRUE(writer.ok() && (*writer)->Append(content).ok() && (*writer)->Finish().ok());
    return path;
  }

  static BlobHasher::Result HashesOf(const std::string& content) {
    return {HashObject(ObjectType::kBlob, content), Sha256Of(content)};
  }

  std::string Read(const Oid& oid) {
    const auto object = repository_->ReadObject(oid);
    return object.ok() && object->has_value() ? (*object)->data : object.status().ToString();
  }

  TemporaryDirectory directory_;
  std::unique_ptr<GitRepository> repository_;
  int count_ = 0;
};

TEST_F(LoosePlacesTest, AnotherContentWithTheOidIsRefused) {
  const BlobHasher::Result one = HashesOf("one");
  const BlobHasher::Result other = {one.oid, Sha256Of("other")};
  EXPECT_TRUE(repository_->AdmitLooseObject(other).ok()) << "none is there yet";
  ASSERT_TRUE(repository_->PlaceLooseObject(File("one"), one).ok());
  EXPECT_EQ(ReasonOf(repository_->AdmitLooseObject(other)), "CONTENT_COLLISION");
  EXPECT_EQ(ReasonOf(repository_->PlaceLooseObject(File("other"), other).status()), "CONTENT_COLLISION");
  Open();
  EXPECT_EQ(ReasonOf(repository_->PlaceLooseObject(File("other"), other).status()), "CONTENT_COLLISION");
  EXPECT_TRUE(repository_->AdmitLooseObject(one).ok());
  ASSERT_TRUE(repository_->PlaceLooseObject(File("one"), one).ok());
  EXPECT_EQ(Read(one.oid), "one");
}

TEST_F(LoosePlacesTest, ADamagedOneGivesWay) {
  const BlobHasher::Result one = HashesOf("one");
  ASSERT_TRUE(repository_->PlaceLooseObject(File("two"), {one.oid, Sha256Of("two")}).ok());
  Open();
  EXPECT_TRUE(repository_->AdmitLooseObject(one).ok());
  ASSERT_TRUE(repository_->PlaceLooseObject(File("one"), one).ok());
  EXPECT_EQ(Read(one.oid), "one");
  EXPECT_EQ(Shell("cd " + repository_->path() + "/objects && find . -name '*tmp*'").output, "");
}

TEST_F(LoosePlacesTest, WhatStockGitWroteIsOneContentWithWhatIsUploaded) {
  const BlobHasher::Result one = HashesOf("one");
  const ShellResult wrote = Shell("printf one | git -C " + repository_->path() + " hash-object -w --stdin");
  ASSERT_EQ(wrote.output, one.oid.Hex() + "\n");
  EXPECT_TRUE(repository_->AdmitLooseObject(one).ok());
  EXPECT_EQ(ReasonOf(repository_->AdmitLooseObject({one.oid, Sha256Of("other")})), "CONTENT_COLLISION");
  ASSERT_TRUE(repository_->PlaceLooseObject(File("one"), one).ok());
  EXPECT_TRUE(LooseObjectReader::Open(repository_->LooseObjectPath(one.oid)).ok()) << "its ranges can be read now";
}

TEST_F(LoosePlacesTest, AFileThatIsGoneHasNoPlace) {
  EXPECT_TRUE(absl::IsNotFound(repository_->PlaceLooseObject(directory_.path() + "/none", HashesOf("one")).status()));
}

}  // namespace
}  // namespace greffe
