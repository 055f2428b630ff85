// Repositories that are opened again and again, since more projects are used than stay open.
#include "storage/store/object_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "storage/base/hashing.h"
#include "storage/journal/rocksdb_journal.h"
#include "tests/bytes_of_process.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

class ObjectSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitializeGit().ok());
    auto journal = OpenRocksDbJournal({.directory = directory_.path() + "/journal"});
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    std::filesystem::create_directory(directory_.path() + "/repositories");
    for (const char* project : {"apollo", "gemini"}) MakePack(project);
    objects_ = std::make_unique<ObjectSource>(directory_.path() + "/repositories", *journal_, 1);
  }

  std::string RepositoryOf(const std::string& project) const {
    return directory_.path() + "/repositories/" + project + ".git";
  }

  // Of 10,000 blobs of 300 bytes that cannot be deflated: 3 MB, and an idx of a tenth of that.
  void MakePack(const std::string& project) {
    std::mt19937_64 random(project.size());
    std::vector<PackInput> objects(10'000);
    std::vector<std::string> blobs(objects.size(), std::string(300, '\0'));
    for (std::size_t i = 0; i < objects.size(); ++i) {
      for (char& c : blobs[i]) c = static_cast<char>(random());
      objects[i] = {HashObject(ObjectType::kBlob, blobs[i]), ObjectType::kBlob, blobs[i], Oid{}};
    }
    const auto repository = GitRepository::Open(RepositoryOf(project));
    ASSERT_TRUE(repository.ok()) << repository.status();
    ASSERT_TRUE((*repository)->WritePack(objects).ok());
  }

  std::int64_t SizeOf(const std::string& project, const std::string& ending) {
    for (const auto& file : std::filesystem::directory_iterator(RepositoryOf(project) + "/objects/pack")) {
      if (file.path().extension() == ending) return static_cast<std::int64_t>(file.file_size());
    }
    return 0;
  }

  // Bytes that are read while the project's repository is opened, which closes the other one.
  std::int64_t Opening(const std::string& project) {
    const std::int64_t before = BytesOfProcess("rchar");
    const auto opened = objects_->Repository(project);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return BytesOfProcess("rchar") - before;
  }

  void FlipByteInEach(const std::string& project, const std::string& pattern) {
    const ShellResult done =
        Shell("cd " + RepositoryOf(project) + "/objects/pack && for f in " + pattern +
              "; do chmod u+w $f && printf Z | dd of=$f bs=1 seek=$(($(stat -c %s $f) / 2)) conv=notrunc; done");
    ASSERT_EQ(done.exit_code, 0) << done.output;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<ObjectSource> objects_;
};

TEST_F(ObjectSourceTest, AnIdxIsHeldAgainstItsChecksumAtTheFirstOpeningAlone) {
  const std::int64_t idx = SizeOf("apollo", ".idx");
  ASSERT_GT(idx, 250'000);
  const std::int64_t first = Opening("apollo");
  EXPECT_GT(first, 2 * idx) << "for its checksum, and to be held";
  for (int i = 0; i < 2; ++i) {
    Opening("gemini");
    EXPECT_LT(Opening("apollo"), first - idx / 2);
  }
}

TEST_F(ObjectSourceTest, AnIdxThatIsDamagedLaterIsMendedAtTheNextOpening) {
  Opening("apollo");
  Opening("gemini");
  FlipByteInEach("apollo", "*.idx");
  Opening("apollo");
  EXPECT_GT(SizeOf("apollo", ".damaged"), 0);
}

TEST_F(ObjectSourceTest, APackOfWhichNoIdxCanBeMadeIsIndexedOnce) {
  FlipByteInEach("apollo", "*.pack *.idx");
  const std::int64_t pack = SizeOf("apollo", ".pack");
  EXPECT_GT(Opening("apollo"), pack / 2) << "up to where it is damaged";
  for (int i = 0; i < 10; ++i) {
    Opening("gemini");
    EXPECT_LT(Opening("apollo"), pack / 2);
  }
  // Also one whose idx is gone.
  ASSERT_EQ(Shell("rm -f " + RepositoryOf("apollo") + "/objects/pack/*.idx").exit_code, 0);
  Opening("gemini");
  EXPECT_GT(Opening("apollo"), pack / 2) << "up to where it is damaged";
  Opening("gemini");
  EXPECT_LT(Opening("apollo"), pack / 2);
  const auto repository = objects_->Repository("apollo");
  ASSERT_TRUE(repository.ok());
  EXPECT_EQ((*repository)->ListUnreadPacks().size(), 1U) << "it is named all the same";
}

}  // namespace
}  // namespace greffe
