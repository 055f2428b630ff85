#include "storage/base/durable_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "storage/base/errors.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class DurableFileTest : public testing::Test {
 protected:
  std::string At(const std::string& name) const { return directory_.path() + "/" + name; }
  TemporaryDirectory directory_;
};

TEST_F(DurableFileTest, AFileIsReplacedWholeAndNothingElseStays) {
  ASSERT_TRUE(WriteFileDurably(At("a"), "one").ok());
  ASSERT_TRUE(WriteFileDurably(At("a"), std::string(100'000, 'x')).ok());
  EXPECT_EQ(*ReadWholeFile(At("a")), std::string(100'000, 'x'));
  EXPECT_THAT(*ListDirectory(directory_.path()), UnorderedElementsAre("a"));
}

TEST_F(DurableFileTest, AWriteThatFailsLeavesNothing) {
  ASSERT_TRUE(MakeDirectories(At("a")).ok());
  EXPECT_FALSE(WriteFileDurably(At("a"), "one").ok()) << "a directory cannot be replaced";
  EXPECT_THAT(*ListDirectory(directory_.path()), UnorderedElementsAre("a"));
  const absl::Status missing = WriteFileDurably(At("none/a"), "one");
  EXPECT_THAT(std::string(missing.message()), HasSubstr(At("none/a")));
}

TEST_F(DurableFileTest, ATemporaryFileOfAKilledProcessWithTheSameIdIsInNobodysWay) {
  // The next temporary names, from that of a write that fails.
  const std::string failed(WriteFileDurably(At("none/a"), "x").message());
  const std::size_t begin = failed.find(".tmp_");
  const std::size_t number = failed.find('_', begin + 5) + 1;
  ASSERT_NE(begin, std::string::npos) << failed;
  const std::string prefix = failed.substr(begin, number - begin);
  const auto leave = [&](int after) {
    const int next = std::stoi(failed.substr(number)) + after;
    const std::string name = At("a") + prefix + std::to_string(next) + ".lock";
    const auto file = OpenFile(name, O_WRONLY | O_CREAT | O_EXCL, 0444);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(WriteAt(*file, "longer than what comes", 0, name).ok());
  };
  leave(1);
  EXPECT_TRUE(WriteFileDurably(At("a"), "one").ok());
  leave(2);
  EXPECT_TRUE(CopyFileDurably(At("a"), At("a")).ok());
  EXPECT_EQ(*ReadWholeFile(At("a")), "one");
  EXPECT_THAT(*ListDirectory(directory_.path()), UnorderedElementsAre("a"));
}

TEST_F(DurableFileTest, WhatTheDiskCannotReadIsDamage) {
  const auto file = OpenFile("/proc/self/mem", O_RDONLY);  // nothing is mapped at its beginning
  ASSERT_TRUE(file.ok()) << file.status();
  char byte = 0;
  const absl::Status unreadable = ReadAt(*file, &byte, 1, 0, "objects/pack/pack-1.pack");
  EXPECT_EQ(unreadable.code(), absl::StatusCode::kDataLoss) << unreadable;
  EXPECT_THAT(std::string(unreadable.message()), HasSubstr("objects/pack/pack-1.pack"));
  std::vector<iovec> parts = {{&byte, 1}};
  EXPECT_EQ(ReadPartsAt(*file, parts, 0, "pack-1.pack").code(), absl::StatusCode::kDataLoss);
}

TEST_F(DurableFileTest, ReadsWhatIsThereAndNamesWhatIsNot) {
  ASSERT_TRUE(WriteFileDurably(At("a"), "0123456789").ok());
  EXPECT_EQ(ReadWholeFile(At("b")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadWholeFile(At("a"), 9).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(*ReadWholeFile(At("a"), 10), "0123456789");
  const auto file = OpenFile(At("a"), O_RDONLY);
  ASSERT_TRUE(file.ok());
  char buffer[4];
  ASSERT_TRUE(ReadAt(*file, buffer, 4, 6, At("a")).ok());
  EXPECT_EQ(std::string(buffer, 4), "6789");
  const absl::Status cut = ReadAt(*file, buffer, 4, 7, At("a"));
  EXPECT_EQ(cut.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(cut.message()), HasSubstr(At("a")));
}

TEST_F(DurableFileTest, WritesAtAPlaceLeaveTheRest) {
  ASSERT_TRUE(WriteFileDurably(At("a"), "0123456789").ok());
  const auto file = OpenFile(At("a"), O_RDWR);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(WriteAt(*file, "xy", 4, At("a")).ok());
  ASSERT_TRUE(SyncFile(*file, At("a")).ok());
  EXPECT_EQ(*ReadWholeFile(At("a")), "0123xy6789");
  const auto full = OpenFile("/dev/full", O_WRONLY);
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(ReasonOf(WriteAt(*full, "x", 0, "/dev/full")), "DISK_FULL");
}

TEST_F(DurableFileTest, DirectoriesAreMadeWithTheirParents) {
  ASSERT_TRUE(MakeDirectories(At("a/b/c")).ok());
  ASSERT_TRUE(MakeDirectories(At("a/b/c")).ok());
  EXPECT_THAT(*ListDirectory(At("a/b")), UnorderedElementsAre("c"));
  EXPECT_THAT(*ListDirectory(At("a/b/c")), IsEmpty());
  ASSERT_TRUE(WriteFileDurably(At("f"), "").ok());
  EXPECT_FALSE(MakeDirectories(At("f")).ok());
  EXPECT_FALSE(MakeDirectories(At("f/g")).ok());
  EXPECT_FALSE(ListDirectory(At("none")).ok());
}

TEST_F(DurableFileTest, ACopyIsMadeWhereItIsToldToAndReplacesWhatAnotherOneLeftThere) {
  ASSERT_TRUE(WriteFileDurably(At("from"), "content").ok());
  ASSERT_TRUE(WriteFileDurably(At("made"), "left behind").ok());
  ASSERT_TRUE(MakeDirectories(At("folder")).ok());
  ASSERT_TRUE(CopyFileDurably(At("from"), At("folder/to"), At("made")).ok());
  EXPECT_EQ(*ReadWholeFile(At("folder/to")), "content");
  EXPECT_FALSE(FileExists(At("made")));
}

TEST_F(DurableFileTest, ADirectoryIsMadeWithItsModeAndOneThatIsThereKeepsIts) {
  const auto mode = [](const std::string& path) { return std::filesystem::status(path).permissions(); };
  const std::string path = directory_.path() + "/made/private";
  ASSERT_TRUE(MakeDirectories(path, 0700).ok());
  EXPECT_EQ(mode(path), std::filesystem::perms::owner_all);
  EXPECT_NE(mode(directory_.path() + "/made"), std::filesystem::perms::owner_all);
  std::filesystem::permissions(path, std::filesystem::perms(0750));
  ASSERT_TRUE(MakeDirectories(path, 0700).ok());
  EXPECT_EQ(mode(path), std::filesystem::perms(0750));
}

TEST_F(DurableFileTest, FilesMoveAndGo) {
  ASSERT_TRUE(MakeDirectories(At("to")).ok());
  ASSERT_TRUE(WriteFileDurably(At("a"), "one").ok());
  ASSERT_TRUE(RenameDurably(At("a"), At("to/b")).ok());
  EXPECT_FALSE(FileExists(At("a")));
  EXPECT_TRUE(FileExists(At("to/b")));
  EXPECT_FALSE(RenameDurably(At("a"), At("to/b")).ok());
  EXPECT_TRUE(RemoveFile(At("to/b")).ok());
  EXPECT_TRUE(RemoveFile(At("to/b")).ok()) << "gone is gone";
  EXPECT_FALSE(RemoveFile(At("to")).ok()) << "no directory";
}

TEST_F(DurableFileTest, AHandleClosesWhatItHolds) {
  ASSERT_TRUE(WriteFileDurably(At("a"), "one").ok());
  int fd = -1;
  {
    FileHandle first = *OpenFile(At("a"), O_RDONLY);
    fd = first.get();
    FileHandle second = std::move(first);
    EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): that is the contract
    EXPECT_GE(::fcntl(fd, F_GETFD), 0);
    EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
  }
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST_F(DurableFileTest, FreeSpaceIsAFigure) {
  EXPECT_GT(*FreeSpace(directory_.path()), 0);
  EXPECT_FALSE(FreeSpace(At("none")).ok());
}

}  // namespace
}  // namespace greffe
