// What get and export make of local files.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using client::ServerError;
using ::testing::HasSubstr;

TEST_F(CliTest, TwoDocumentsAreNotWrittenIntoOneFile) {
  server_.AddDocument("p", "SPC-1", "a/spec.md", {"one"});
  server_.AddDocument("p", "SPC-2", "b/spec.md", {"two"});
  server_.AddDocument("p", "SPC-3", "b/other.md", {"other"});
  EXPECT_EQ(Greffe({"get", "a/spec.md", "b/spec.md"}), 2);
  EXPECT_THAT(err_, HasSubstr("\"a/spec.md\" and \"b/spec.md\" would both be written to \"spec.md\" (PATH_TWICE)"));
  EXPECT_EQ(Greffe({"get", "a/spec.md", "b/spec.md", "-o", "out"}), 2);
  EXPECT_THAT(err_, HasSubstr("PATH_TWICE"));
  EXPECT_EQ(Greffe({"get", "a/", "b/", "-o", "out"}), 2);
  EXPECT_THAT(err_, HasSubstr("PATH_TWICE"));
  EXPECT_EQ(Greffe({"get", "b/", "SPC-1", "-o", "out"}), 2);
  EXPECT_THAT(err_, HasSubstr("PATH_TWICE"));
  EXPECT_TRUE(std::filesystem::is_empty(".")) << "refused before anything is written";

  EXPECT_EQ(Greffe({"get", "a/", "b/"}), 0) << err_;
  EXPECT_EQ(ReadFile("a/spec.md"), "one");
  EXPECT_EQ(ReadFile("b/spec.md"), "two");
  EXPECT_EQ(Greffe({"get", "a/spec.md", "SPC-1", "b/other.md", "-o", "out"}), 0) << "one document, named twice";
  EXPECT_EQ(ReadFile("out/spec.md"), "one");
  EXPECT_EQ(ReadFile("out/other.md"), "other");
}

TEST_F(CliTest, NothingIsWrittenWhenOneOfSeveralIsMissing) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  EXPECT_EQ(Greffe({"get", "a.md", "missing.md", "-o", "out"}), 3);
  EXPECT_TRUE(std::filesystem::is_empty("."));
}

TEST_F(CliTest, WhatWasEditedHereIsNotReplaced) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one", "two", "three"});
  server_.AddDocument("p", "SPC-2", "specs/b.md", {"b"});
  WriteFile("specs/a.md", "one");
  EXPECT_EQ(Greffe({"get", "specs/"}), 0) << "an older version can be had again: " << err_;
  EXPECT_EQ(ReadFile("specs/a.md"), "three");
  EXPECT_EQ(Greffe({"get", "."}), 0) << err_;

  WriteFile("specs/a.md", "mine");
  std::filesystem::remove("specs/b.md");
  for (const char* name : {"specs/", "specs", "."}) {
    EXPECT_EQ(Greffe({"get", name}), 1);
    EXPECT_THAT(err_, HasSubstr("specs/a.md\" has a content that no version has"));
    EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_EDITED"));
  }
  EXPECT_EQ(ReadFile("specs/a.md"), "mine");
  EXPECT_FALSE(std::filesystem::exists("specs/b.md")) << "all or nothing";
  EXPECT_EQ(Greffe({"get", "specs/", "--force"}), 0);
  EXPECT_EQ(ReadFile("specs/a.md"), "three");
}

TEST_F(CliTest, AFileThatIsNamedIsReplacedAndOneThatIsNotIsKeptWhenItWasEdited) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one", "two"});
  WriteFile("a.md", "mine");
  EXPECT_EQ(Greffe({"get", "SPC-1"}), 1);
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version", "1", "-o", "."}), 1);
  EXPECT_EQ(ReadFile("a.md"), "mine");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "a.md"}), 0);
  EXPECT_EQ(ReadFile("a.md"), "two");
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version", "1"}), 0) << err_;
  EXPECT_EQ(ReadFile("a.md"), "one");
}

TEST_F(CliTest, AGetThatIsBrokenOffLeavesNothingBehind) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  state_.silent_content = true;
  const std::string program = GREFFE_BIN "/greffe";
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(program.c_str(), "greffe", "--server", server_.address().c_str(), "--project", "p", "get", "a.md", nullptr);
    ::_exit(127);
  }
  while (std::filesystem::is_empty(".")) ASSERT_EQ(::waitpid(child, nullptr, WNOHANG), 0) << "it ended by itself";
  EXPECT_EQ(::kill(child, SIGINT), 0);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  EXPECT_TRUE(std::filesystem::is_empty("."));
}

TEST_F(CliTest, AFolderThatCannotBeLookedAtIsAnError) {
  server_.AddDocument("p", "SPC-1", std::string(300, 'x') + "/a.md", {"one"});
  EXPECT_EQ(Greffe({"export", "out"}), 1);
  EXPECT_THAT(err_, HasSubstr("File name too long (LOCAL_FILE_ERROR)"));
}

TEST_F(CliTest, ADamagedContentKeepsNoOthersBack) {
  for (const char* name : {"1", "2", "3"}) {
    server_.AddDocument("p", std::string("SPC-") + name, std::string("specs/") + name, {"text"});
  }
  server_.AddDocument("p", "SPC-4", "specs/4", {std::string(1'500'000, 'x')});
  const auto damaged = ServerError(grpc::StatusCode::DATA_LOSS, "CONTENT_DAMAGED", "its pack is damaged");
  const auto damage = [&] {
    state_.content_faults["projects/p/documents/SPC-2/versions/1"] = {damaged, damaged};
    state_.faults["DownloadContent"] = {damaged};
  };
  damage();
  EXPECT_EQ(Greffe({"export", "out"}), 1);
  EXPECT_THAT(err_, HasSubstr("greffe: specs/2: its pack is damaged (CONTENT_DAMAGED)\n"));
  EXPECT_THAT(err_, HasSubstr("greffe: specs/4: its pack is damaged (CONTENT_DAMAGED)\n"));
  EXPECT_THAT(err_, HasSubstr("2 of 4 files could not be fetched, the first: specs/"));
  EXPECT_THAT(out_, HasSubstr("2 files, "));
  EXPECT_EQ(ReadFile("out/specs/1"), "text");
  EXPECT_EQ(ReadFile("out/specs/3"), "text");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator("out/specs"), {}), 2);
  damage();
  EXPECT_EQ(Greffe({"get", "specs/", "--output", "json"}), 1);
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 3) << err_;
  EXPECT_THAT(err_, HasSubstr("\"reason\":\"CONTENT_DAMAGED\""));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 2);
}

TEST_F(CliTest, AFileThatIsNotToBeHadForAMomentIsAskedForAgain) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  state_.content_faults["projects/p/documents/SPC-1/versions/1"] = {client::kUnavailable, client::kUnavailable};
  EXPECT_EQ(Greffe({"export", "out"}), 0) << err_;
  EXPECT_EQ(ReadFile("out/a.md"), "one");
}

}  // namespace
}  // namespace greffe::cli
