// What the command line makes of the caller's own files.
#include <dirent.h>
#include <dlfcn.h>
#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

std::function<void(const std::string& name)> g_on_entry;  // as a folder is read; an empty name: at its end

}  // namespace
}  // namespace greffe::cli

// In place of the C library's: others are to delete what was just read, no sooner and no later.
extern "C" struct dirent* readdir(DIR* folder) {
  static const auto real = reinterpret_cast<struct dirent* (*)(DIR*)>(dlsym(RTLD_NEXT, "readdir"));
  struct dirent* const entry = real(folder);
  if (greffe::cli::g_on_entry) greffe::cli::g_on_entry(entry == nullptr ? "" : entry->d_name);
  return entry;
}

namespace greffe::cli {
namespace {

using client::ServerError;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(CliTest, AFolderInPlaceOfAFileToReadIsAnError) {
  EXPECT_EQ(Greffe({"table", "import", "risks", "."}), 1);
  EXPECT_THAT(err_, HasSubstr("read \".\": Is a directory (LOCAL_FILE_ERROR)"));
  EXPECT_EQ(Greffe({"project", "create", "alpha", "--file", "."}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_ERROR"));
  EXPECT_EQ(Greffe({"table", "import", "risks", "missing.csv"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_NOT_FOUND"));
}

TEST_F(CliTest, AFileWhoseNameIsNotUtf8KeepsItsReason) {
  EXPECT_EQ(Greffe({"put", "missing\xff.md"}), 1);
  EXPECT_THAT(err_, HasSubstr("missing\\xff.md"));
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_NOT_FOUND"));
  EXPECT_EQ(Greffe({"put", "missing\xff.md", "--output", "json"}), 1);
  EXPECT_THAT(err_, HasSubstr("\"reason\":\"LOCAL_FILE_NOT_FOUND\""));
  EXPECT_THAT(err_, HasSubstr("\"path\":\"missing\xef\xbf\xbd.md\""));
}

TEST_F(CliTest, WhatGoesWhileAFolderIsReadKeepsNothingElseOut) {
  for (const char* name : {"f/kept.md", "f/going.tmp", "f/sub/b.md"}) WriteFile(name, name);
  g_on_entry = [](const std::string& name) {
    if (name == "going.tmp") std::filesystem::rename("f/going.tmp", "gone.tmp");
    if (name.empty() && std::filesystem::exists("f/sub")) std::filesystem::rename("f/sub", "gone");
  };
  EXPECT_EQ(Greffe({"put", "f"}), 0) << err_;
  g_on_entry = nullptr;
  EXPECT_TRUE(std::filesystem::exists("gone.tmp") && std::filesystem::exists("gone"));
  EXPECT_THAT(out_, HasSubstr("f/kept.md"));
  EXPECT_THAT(state_.documents, SizeIs(1));
}

TEST_F(CliTest, AFileThatCannotBeReadKeepsNoOtherOut) {
  // Who runs the tests may be allowed to read anything, but not this.
  state_.on_call = [](const std::string& method) {
    if (method != "ListDocuments") return;
    std::filesystem::remove("f/a.md");
    std::filesystem::create_symlink("a.md", "f/a.md");
  };
  for (const char* name : {"f/a.md", "f/b.md"}) WriteFile(name, name);
  EXPECT_EQ(Greffe({"put", "f"}), 1);
  EXPECT_THAT(out_, HasSubstr("1 created, "));
  EXPECT_THAT(err_, HasSubstr("left out: f/a.md: cannot be read: open \"f/a.md\": Too many levels"));
  EXPECT_THAT(err_, HasSubstr("greffe: \"f/a.md\" was left out: it cannot be read"));
  std::filesystem::remove("f/a.md");
  WriteFile("f/a.md", "a");
  EXPECT_EQ(Greffe({"put", "f/a.md"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_ERROR"));
  EXPECT_THAT(err_, Not(HasSubstr("left out"))) << "it is the outcome where it alone is named";
}

TEST_F(CliTest, ACloneOfAProjectIsPutWithoutItsRecords) {
  for (const char* name : {"c/a.md", "c/.git/HEAD", "c/.greffe/documents/1.json", "c/sub/.greffe-notes/b.md"}) {
    WriteFile(name, name);
  }
  EXPECT_EQ(Greffe({"put", "c"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("left out: c/.greffe: has the records of a project, which only the server writes "
                              "(GREFFE_FOLDER)\n"));
  EXPECT_THAT(state_.documents, SizeIs(2));
}

TEST_F(CliTest, AFolderThatIsRefusedLeavesNoUploads) {
  for (const char* name : {"f/a", "f/b"}) WriteFile(name, std::string(1'200'000, 'x'));
  state_.faults["BatchCheckIn"] = {ServerError(grpc::StatusCode::FAILED_PRECONDITION, "DOCUMENT_LOCKED", "locked")};
  EXPECT_EQ(Greffe({"put", "f"}), 4);
  EXPECT_EQ(state_.calls["CreateUpload"], 2);
  EXPECT_TRUE(state_.uploads.empty());
}

TEST_F(CliTest, AFileThatIsLeftOutLeavesNoUpload) {
  for (const char* name : {"tree/a", "tree/b:c"}) WriteFile(name, std::string(1'200'000, 'x'));
  const auto refusal = ServerError(grpc::StatusCode::INVALID_ARGUMENT, "PATH_INVALID", "has a colon",
                                   {{"field", "items[1].new_document.path"}}, "items[1].new_document.path");
  state_.faults["BatchCheckIn"] = {refusal};
  EXPECT_EQ(Greffe({"import", "folder", "tree"}), 2);
  EXPECT_TRUE(state_.uploads.empty());
  state_.faults["BatchCheckIn"] = {refusal};
  EXPECT_EQ(Greffe({"import", "folder", "tree", "--on-bad-path", "skip"}), 0);
  EXPECT_THAT(state_.documents, SizeIs(1));
  EXPECT_TRUE(state_.uploads.empty());
}

}  // namespace
}  // namespace greffe::cli
