#include "storage/git/loose_object.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/git/read_loose_object.h"
#include "storage/git/repository.h"
#include "tests/bytes_of_process.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

std::string RandomBytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// All that a resumed one keeps.
bool TakeUp(LooseObjectWriter& writer) {
  absl::StatusOr<bool> ready = false;
  while (ready.ok() && !*ready) ready = writer.TakeUp(100'000);
  EXPECT_TRUE(ready.ok()) << ready.status();
  return ready.ok();
}

class LooseObjectTest : public testing::TestWithParam<std::size_t> {
 protected:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/object";
};

TEST_P(LooseObjectTest, StockGitReadsItAndRangesAreExact) {
  const std::string content = RandomBytes(GetParam());
  auto writer = LooseObjectWriter::Create(path_, static_cast<std::int64_t>(content.size()));
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (std::size_t at = 0; at < content.size(); at += 10007) {
    ASSERT_TRUE((*writer)->Append(std::string_view(content).substr(at, 10007)).ok());
  }
  const auto hashes = (*writer)->Finish();
  ASSERT_TRUE(hashes.ok()) << hashes.status();
  EXPECT_EQ(hashes->oid, HashObject(ObjectType::kBlob, content));
  EXPECT_EQ(hashes->sha256, Sha256Of(content));

  ASSERT_TRUE(InitializeGit().ok());
  const auto repository = GitRepository::Open(directory_.path() + "/p.git");
  ASSERT_TRUE(repository.ok()) << repository.status();
  ASSERT_TRUE((*repository)->PlaceLooseObject(path_, *hashes).ok());
  ASSERT_TRUE((*repository)->PlaceLooseObject(path_, *hashes).ok());
  const ShellResult stock = Shell("git -C " + (*repository)->path() + " cat-file blob " + hashes->oid.Hex() +
                                  " | sha256sum && git -C " + (*repository)->path() + " fsck --full --strict");
  EXPECT_EQ(stock.exit_code, 0) << stock.output;
  EXPECT_NE(stock.output.find(Sha256Of(content).Hex()), std::string::npos) << stock.output;
  const auto object = (*repository)->ReadObject(hashes->oid);
  ASSERT_TRUE(object.ok() && object->has_value());
  EXPECT_EQ((*object)->data, content);

  const auto reader = LooseObjectReader::Open((*repository)->LooseObjectPath(hashes->oid));
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->size(), static_cast<std::int64_t>(content.size()));
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const std::size_t offset = content.empty() ? 0 : random() % content.size();
    const std::size_t length = content.empty() ? 0 : random() % (content.size() - offset + 1);
    std::string range(length, '\0');
    ASSERT_TRUE(
        (*reader)->Read(static_cast<std::int64_t>(offset), static_cast<std::int64_t>(length), range.data()).ok());
    ASSERT_EQ(range, content.substr(offset, length));
  }
  char byte = 0;
  EXPECT_EQ((*reader)->Read(static_cast<std::int64_t>(content.size()), 1, &byte).code(), absl::StatusCode::kOutOfRange);
}

TEST_P(LooseObjectTest, ResumesWhereItWasSynced) {
  const std::string content = RandomBytes(GetParam());
  const std::size_t half = content.size() / 2;
  {
    auto writer = LooseObjectWriter::Create(path_, static_cast<std::int64_t>(content.size()));
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append(std::string_view(content).substr(0, half)).ok());
    ASSERT_TRUE((*writer)->Sync().ok());
    ASSERT_TRUE((*writer)->Append(std::string_view(content).substr(half)).ok());  // lost
  }
  auto writer =
      LooseObjectWriter::Resume(path_, static_cast<std::int64_t>(content.size()), static_cast<std::int64_t>(half));
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE(TakeUp(**writer));
  EXPECT_EQ((*writer)->received(), static_cast<std::int64_t>(half));
  ASSERT_TRUE((*writer)->Append(std::string_view(content).substr(half)).ok());
  const auto hashes = (*writer)->Finish();
  ASSERT_TRUE(hashes.ok());
  EXPECT_EQ(hashes->sha256, Sha256Of(content));
  const auto reader = LooseObjectReader::Open(path_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::string all(content.size(), '\0');
  ASSERT_TRUE((*reader)->Read(0, static_cast<std::int64_t>(content.size()), all.data()).ok());
  EXPECT_EQ(all, content);
}

TEST(LooseObjectWriterTest, TakesUpWhatIsThereInPiecesAndWritesOnlyWhatDoesNotFit) {
  constexpr std::int64_t kSize = 1'000'000;
  constexpr std::int64_t kKept = 700'000;
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/object";
  const std::string content = RandomBytes(kSize);
  {
    auto writer = LooseObjectWriter::Create(path, kSize);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->Append(content.substr(0, kKept)).ok());
    ASSERT_TRUE((*writer)->Sync().ok());
  }
  const std::string whole = *ReadWholeFile(path);
  constexpr std::int64_t kFraming = 2 + 11 * 5 + 13;  // the stream's header, those of eleven blocks, the object's
  constexpr std::size_t kLengthOfSecondBlock = 2 + 5 + 65535 + 1;
  for (const bool damaged : {false, true}) {
    if (damaged) {
      std::string bytes = whole;
      bytes[kLengthOfSecondBlock] = static_cast<char>(bytes[kLengthOfSecondBlock] ^ 1);
      std::filesystem::remove(path);
      std::ofstream(path, std::ios::binary) << bytes;
    }
    const std::int64_t written = BytesOfProcess("wchar");
    auto writer = LooseObjectWriter::Resume(path, kSize, kKept);
    ASSERT_TRUE(writer.ok()) << writer.status();
    int pieces = 0;
    absl::StatusOr<bool> ready = false;
    while (ready.ok() && !*ready) {
      ready = (*writer)->TakeUp(100'000);
      ++pieces;
    }
    ASSERT_TRUE(ready.ok()) << ready.status();
    EXPECT_GE(pieces, 6);
    EXPECT_EQ((*writer)->received(), kKept);
    EXPECT_EQ(BytesOfProcess("wchar") - written, damaged ? kKept + kFraming : 0);
    EXPECT_EQ(*ReadWholeFile(path), whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, LooseObjectTest,
                         testing::Values(1, 100, 65524, 65525, 65526, 65535, 131060, 131061, 1 << 20, 3000001));

TEST(LooseObjectErrorTest, TooMuchTooLittleAndCutFilesAreRefused) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/object";
  auto writer = LooseObjectWriter::Create(path, 100);
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ((*writer)->Append(std::string(101, 'x')).code(), absl::StatusCode::kOutOfRange);
  ASSERT_TRUE((*writer)->Append(std::string(99, 'x')).ok());
  EXPECT_EQ((*writer)->Finish().status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE((*writer)->Append("x").ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::filesystem::resize_file(path, 50);
  EXPECT_EQ(LooseObjectReader::Open(path).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LooseObjectReader::Open(path + "x").status().code(), absl::StatusCode::kNotFound);
}

// What does not compress stock git stores too, in blocks of another length.
TEST(LooseObjectErrorTest, WhatStockGitWroteIsNotTakenForDamaged) {
  TemporaryDirectory directory;
  const std::string file = directory.path() + "/content";
  for (const std::string& content : {RandomBytes(3'000'000), RandomBytes(20'000), std::string(3'000'000, 'x')}) {
    ASSERT_TRUE(WriteFileDurably(file, content).ok());
    const ShellResult git = Shell("cd " + directory.path() + " && git init -q --bare g.git && git -C g.git " +
                                  "-c core.looseCompression=1 hash-object -w --stdin < content");
    ASSERT_EQ(git.exit_code, 0) << git.output;
    const Oid oid = HashObject(ObjectType::kBlob, content);
    const std::string path = directory.path() + "/g.git/objects/" + oid.Hex().substr(0, 2) + "/" + oid.Hex().substr(2);
    EXPECT_EQ(ReasonOf(LooseObjectReader::Open(path).status()), "NOT_STORED") << content.size() << " bytes";
    const auto whole = ReadLooseObject(path, oid);
    ASSERT_TRUE(whole.ok() && whole->has_value()) << whole.status();
    EXPECT_EQ((*whole)->data, content);
  }
}

TEST(LooseObjectErrorTest, ADamagedHeaderOfALargeObjectIsToldBeforeTheRestIsRead) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/object";
  constexpr std::int64_t kSize = std::int64_t{16} << 20;
  auto writer = LooseObjectWriter::Create(path, kSize);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append(std::string(kSize, 'x')).ok());
  const auto hashes = (*writer)->Finish();
  ASSERT_TRUE(hashes.ok());
  const auto whole = ReadLooseObject(path, hashes->oid);
  ASSERT_TRUE(whole.ok() && whole->has_value()) << whole.status();
  EXPECT_EQ((*whole)->data, std::string(kSize, 'x'));
  EXPECT_EQ(*ReadLooseObject(path + "x", hashes->oid), std::nullopt);

  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const auto bytes_read = [] {
    std::string name;
    std::int64_t count = 0;
    std::ifstream("/proc/thread-self/io") >> name >> count;  // "rchar: " is its first line
    return count;
  };
  // The type, where its name ends, a digit, the end of the header: content that
  // is much longer than it says.
  for (const auto& [at, byte] : {std::pair(7, 'c'), std::pair(11, '0'), std::pair(12, 'x'), std::pair(13, '\0')}) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char before = static_cast<char>(file.get());
    file.seekp(at);
    file.put(byte).flush();
    const std::int64_t begin = bytes_read();
    EXPECT_EQ(ReasonOf(ReadLooseObject(path, hashes->oid).status()), "DATA_DAMAGED") << "byte " << at;
    EXPECT_LT(bytes_read() - begin, kSize / 16) << "byte " << at;
    file.seekp(at);
    file.put(before).flush();
  }
  ASSERT_TRUE(ReadLooseObject(path, hashes->oid).ok());
}

}  // namespace
}  // namespace greffe
