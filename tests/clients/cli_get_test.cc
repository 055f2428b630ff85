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
using ::testing::SizeIs;

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

TEST_F(CliTest, WhatIsEditedWhileItIsFetchedIsNotReplaced) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one", "two"});
  server_.AddDocument("p", "SPC-2", "specs/b.md", {"b"});
  server_.AddDocument("p", "SPC-3", "specs/c.md", {"c"});
  WriteFile("specs/a.md", "one");
  WriteFile("a.md", "one");
  state_.on_call = [](const std::string& method) {
    if (method != "FetchContent" && method != "BatchFetchContents") return;
    for (const char* name : {"specs/a.md", "specs/b.md", "a.md", "out/b.md"}) WriteFile(name, "written meanwhile");
  };
  EXPECT_EQ(Greffe({"get", "specs/"}), 1);
  EXPECT_THAT(err_, HasSubstr("specs/a.md\" was changed after it had been looked at, and is left as it is "
                              "(LOCAL_FILE_EDITED)\n"));
  EXPECT_THAT(err_, HasSubstr("2 of 3 files could not be fetched"));
  EXPECT_EQ(ReadFile("specs/a.md"), "written meanwhile");
  EXPECT_EQ(ReadFile("specs/b.md"), "written meanwhile") << "it was not there before";
  EXPECT_EQ(ReadFile("specs/c.md"), "c") << "the others come";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator("specs"), {}), 3) << "no temporary file stays";
  EXPECT_EQ(Greffe({"export", "out", "--below", "specs"}), 1);
  EXPECT_EQ(ReadFile("out/b.md"), "written meanwhile");

  WriteFile("a.md", "one");
  EXPECT_EQ(Greffe({"get", "SPC-1"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_EDITED"));
  EXPECT_EQ(ReadFile("a.md"), "written meanwhile");
  EXPECT_EQ(Greffe({"get", "SPC-1", "--force"}), 0) << err_;
  EXPECT_EQ(ReadFile("a.md"), "two");
  EXPECT_EQ(Greffe({"get", "specs/", "--force"}), 0) << err_;
  EXPECT_EQ(ReadFile("specs/a.md"), "two");
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

TEST_F(CliTest, APathThatCannotBeWrittenKeepsNoOthersBack) {
  for (const char* name : {"1", "2", "3", "4/a", "4/b"}) {
    server_.AddDocument("p", "SPC-" + std::to_string(state_.documents.size()), std::string("specs/") + name, {"text"});
  }
  std::filesystem::create_directories("specs/2");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"get", "specs/"}, {"export", "."}}) {
    std::vector<std::string> forced = command;
    forced.push_back("--force");
    EXPECT_EQ(Greffe(forced), 1);
    EXPECT_THAT(err_, HasSubstr("1 of 5 files could not be fetched, the first: specs/2: write \""));
    EXPECT_THAT(err_, HasSubstr("Is a directory (LOCAL_FILE_ERROR)"));
    for (const char* name : {"1", "3", "4/a", "4/b"}) EXPECT_EQ(ReadFile(std::string("specs/") + name), "text");
    std::filesystem::remove("specs/1");
    std::filesystem::remove("specs/3");
    std::filesystem::remove_all("specs/4");
  }
  WriteFile("specs/4", "a file in the way of a folder");
  EXPECT_EQ(Greffe({"get", "specs/", "--force"}), 1);
  EXPECT_THAT(err_, HasSubstr("3 of 5 files could not be fetched, the first: specs/2: "));
  EXPECT_THAT(err_, HasSubstr("specs/4/b: make folder"));
  EXPECT_EQ(ReadFile("specs/3"), "text");
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

TEST_F(CliTest, GetWritesFilesFoldersAndStandardOutput) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one", "two"});
  server_.AddDocument("p", "SPC-2", "specs/deep/b.md", {std::string(1'500'000, 'b')});
  server_.AddDocument("p", "SPC-3", "c.md", {"c"});
  EXPECT_EQ(Greffe({"get", "specs/a.md"}), 0);
  EXPECT_EQ(ReadFile("a.md"), "two");
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version", "1", "-o", "old.md"}), 0);
  EXPECT_EQ(ReadFile("old.md"), "one");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "-"}), 0);
  EXPECT_EQ(out_, "two");
  EXPECT_EQ(Greffe({"get", "specs/", "-o", "out"}), 0);
  EXPECT_EQ(ReadFile("out/a.md"), "two");
  EXPECT_EQ(ReadFile("out/deep/b.md").size(), 1'500'000U);
  EXPECT_FALSE(std::filesystem::exists("out/c.md"));
  EXPECT_EQ(Greffe({"get", "specs"}), 0);
  EXPECT_EQ(ReadFile("specs/a.md"), "two");
  EXPECT_EQ(Greffe({"get", "missing"}), 3);
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version", "9", "-o", "nine"}), 3);
  EXPECT_FALSE(std::filesystem::exists("nine"));
}

TEST_F(CliTest, GetWritesThroughLinksAndDevices) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  WriteFile("real.md", "before");
  std::filesystem::create_symlink("real.md", "link.md");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "link.md"}), 0);
  EXPECT_EQ(ReadFile("real.md"), "one");
  EXPECT_TRUE(std::filesystem::is_symlink("link.md"));
  std::filesystem::create_symlink("/dev/null", "nothing");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "nothing"}), 0);
  EXPECT_TRUE(std::filesystem::is_symlink("nothing"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(CliTest, ALinkInTheWayOfAFoundNameIsReplacedAndNotFollowed) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  WriteFile("real.md", "mine");
  std::filesystem::create_directory("out");
  std::filesystem::create_symlink("real.md", "a.md");
  std::filesystem::create_symlink("../real.md", "out/a.md");
  EXPECT_EQ(Greffe({"get", "SPC-1"}), 0) << err_;
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "out/"}), 0) << err_;
  EXPECT_EQ(ReadFile("real.md"), "mine");
  for (const char* name : {"a.md", "out/a.md"}) {
    EXPECT_FALSE(std::filesystem::is_symlink(name));
    EXPECT_EQ(ReadFile(name), "one");
  }
}

TEST_F(CliTest, ALinkFromOneFoundNameToAnotherIsNotOneFile) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  server_.AddDocument("p", "SPC-2", "specs/b.md", {"two"});
  std::filesystem::create_directory("specs");
  std::filesystem::create_symlink("a.md", "specs/b.md");
  EXPECT_EQ(Greffe({"get", "specs/"}), 0) << err_;
  EXPECT_EQ(ReadFile("specs/a.md"), "one");
  EXPECT_EQ(ReadFile("specs/b.md"), "two");
  // A link to the folder is another way to the same file.
  std::filesystem::create_directory_symlink("specs", "way");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "way/b.md"}), 0) << err_;
  EXPECT_EQ(ReadFile("specs/b.md"), "one");
}

TEST_F(CliTest, TheReleasedVersionsOfAFolderAreFetchedAndWhatHasNoneIsToldOf) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"released", "draft"});
  server_.AddDocument("p", "SPC-2", "specs/b.md", {"draft"});
  server_.AddDocument("p", "SPC-3", "new/c.md", {"draft"});
  state_.documents["projects/p/documents/SPC-1"].document.set_released_version(1);
  for (const char* name : {"specs/", "specs", "."}) {
    std::filesystem::remove_all("specs");
    EXPECT_EQ(Greffe({"get", name, "--released"}), 0) << err_;
    EXPECT_EQ(ReadFile("specs/a.md"), "released") << name;
    EXPECT_FALSE(std::filesystem::exists("specs/b.md"));
  }
  EXPECT_THAT(err_, HasSubstr("2 documents have no released version and are left out: "));
  EXPECT_EQ(Greffe({"get", "specs/", "--released", "--output", "json"}), 0);
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 1);
  EXPECT_THAT(err_, HasSubstr("1 document has no released version and is left out: specs/b.md\n"));
  EXPECT_EQ(Greffe({"get", "new/", "--released"}), 4);
  EXPECT_THAT(err_, HasSubstr("NOTHING_RELEASED"));
  EXPECT_FALSE(std::filesystem::exists("new"));
}

TEST_F(CliTest, ReleasedVersionsThatAreNotTheLatestAreAskedForSeveralAtATime) {
  for (int i = 0; i < 20; ++i) {
    const std::string number = "SPC-" + std::to_string(i);
    server_.AddDocument("p", number, "specs/" + number, {"released " + number, "draft"});
    state_.documents["projects/p/documents/" + number].document.set_released_version(1);
  }
  state_.versions_at_once = 4;
  EXPECT_EQ(Greffe({"get", "specs/", "--released", "-o", "out"}), 0) << err_;
  EXPECT_EQ(state_.calls["GetVersion"], 20);
  EXPECT_EQ(ReadFile("out/SPC-13"), "released SPC-13");
  state_.faults["GetVersion"] = {ServerError(grpc::StatusCode::DATA_LOSS, "INDEX_DAMAGED", "its row is damaged")};
  EXPECT_EQ(Greffe({"get", "specs/", "--released", "-o", "other"}), 1);
  EXPECT_THAT(err_, HasSubstr("INDEX_DAMAGED"));
}

TEST_F(CliTest, FoldersAreFetchedWithRenditionsAndAttachmentsWhereGitHasThem) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  server_.AddCompanion("projects/p/documents/SPC-1", v1::FILE_ROLE_RENDITION, "a.pdf", std::string(1'500'000, 'p'));
  server_.AddCompanion("projects/p/documents/SPC-1", v1::FILE_ROLE_ATTACHMENT, "sums.csv", "1;2");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"export", "out", "--below", "specs"}, {"get", "specs/", "-o", "out"}}) {
    EXPECT_EQ(Greffe(command), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("3 files, "));
    EXPECT_EQ(ReadFile("out/a.md"), "one");
    EXPECT_EQ(ReadFile("out/a.md.renditions/a.pdf"), std::string(1'500'000, 'p'));
    EXPECT_EQ(ReadFile("out/a.md.attachments/sums.csv"), "1;2");
    std::filesystem::remove_all("out");
  }
  WriteFile("specs/a.md.attachments/sums.csv", "mine");
  EXPECT_EQ(Greffe({"get", "specs/"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_EDITED"));
  server_.AddCompanion("projects/p/documents/SPC-1", v1::FILE_ROLE_ATTACHMENT, "../../../evil", "evil");
  EXPECT_EQ(Greffe({"export", "out"}), 2);
  EXPECT_THAT(err_, HasSubstr("PATH_UNSAFE"));
}

TEST_F(CliTest, TheCompanionsOfReleasedVersionsAreThoseOfThatVersion) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"released"});
  server_.AddCompanion("projects/p/documents/SPC-1", v1::FILE_ROLE_RENDITION, "a.pdf", "released");
  auto& stored = state_.documents["projects/p/documents/SPC-1"];
  stored.document.set_released_version(1);
  v1::CheckInItem draft;
  draft.set_document("projects/p/documents/SPC-1");
  client::CheckInto(state_, "projects/p", draft, "draft", "");
  EXPECT_EQ(Greffe({"get", "specs/", "--released"}), 0) << err_;
  EXPECT_EQ(ReadFile("specs/a.md"), "released");
  EXPECT_EQ(ReadFile("specs/a.md.renditions/a.pdf"), "released");
  std::filesystem::remove_all("specs");
  EXPECT_EQ(Greffe({"get", "specs/"}), 0) << err_;
  EXPECT_EQ(ReadFile("specs/a.md"), "draft");
  EXPECT_FALSE(std::filesystem::exists("specs/a.md.renditions")) << "the latest version has none";
}

TEST_F(CliTest, ARevisionAndAnEtagAreNotOfAFolder) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  for (const char* name : {"specs/", "specs", "."}) {
    for (const char* option : {"--revision", "--if-none-match"}) {
      EXPECT_EQ(Greffe({"get", name, option, "A"}), 2) << name << " " << option;
      EXPECT_THAT(err_, HasSubstr("OPTION_INVALID"));
    }
  }
  EXPECT_EQ(Greffe({"get", "missing", "--revision", "A"}), 3);
  EXPECT_TRUE(std::filesystem::is_empty("."));
}

TEST_F(CliTest, FoldersAndDocumentsAreFoundAsPeopleTypeTheirPaths) {
  server_.AddDocument("p", "SPC-1", "sp/a.md", {"one"});
  server_.AddDocument("p", "SPC-2", "projects/alpha/documents/s.md", {"two"});
  EXPECT_EQ(Greffe({"show", ".//sp/./a.md"}), 0) << err_;
  EXPECT_EQ(Greffe({"get", "./projects/alpha/documents/s.md", "-o", "-"}), 0) << "a path, and no resource name";
  EXPECT_EQ(out_, "two");
  for (const std::string name : {"./sp/", "./sp", "sp//", "sp/../sp"}) {
    EXPECT_EQ(Greffe({"get", name, "-o", "out"}), 0) << name << ": " << err_;
    EXPECT_EQ(ReadFile("out/a.md"), "one");
    std::filesystem::remove_all("out");
    EXPECT_EQ(Greffe({"export", "out", "--below", name}), 0) << name << ": " << err_;
    EXPECT_EQ(ReadFile("out/a.md"), "one");
    std::filesystem::remove_all("out");
    EXPECT_EQ(Greffe({"ls", name}), 0) << err_;
    EXPECT_EQ(state_.listings.back().filter(), "path : \"sp/\"") << name;
  }
  EXPECT_EQ(Greffe({"ls", "./"}), 0);
  EXPECT_EQ(state_.listings.back().filter(), "") << "all of it";
}

TEST_F(CliTest, AFolderThatHasTheNameOfTheDocumentIsNotMeant) {
  server_.AddDocument("p", "SPC-1", "spec/spec", {"one"});
  std::filesystem::create_directory("spec");
  EXPECT_EQ(Greffe({"get", "spec/spec"}), 1) << "a folder is in the way";
  EXPECT_TRUE(std::filesystem::is_empty("spec"));
  EXPECT_EQ(Greffe({"get", "spec/spec", "-o", "spec"}), 0) << err_;
  EXPECT_EQ(ReadFile("spec/spec"), "one");
}

TEST_F(CliTest, GetDoesNotWriteDamagedContent) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  state_.corrupt_content = true;
  EXPECT_EQ(Greffe({"get", "SPC-1"}), 1);
  EXPECT_TRUE(std::filesystem::is_empty("."));
}

TEST_F(CliTest, GetAnswersJsonWithoutBytes) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  EXPECT_EQ(Greffe({"get", "SPC-1", "--output", "json"}), 0);
  const auto documents = JsonLines(out_);
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(TextOf(documents[0], "content"), "");
  const std::string etag = TextOf(documents[0], "etag");
  EXPECT_EQ(Greffe({"get", "SPC-1", "--if-none-match", etag}), 0);
  EXPECT_THAT(out_, HasSubstr("not modified"));
}

TEST_F(CliTest, ExportWritesEverythingAndNothingOutside) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  server_.AddDocument("p", "SPC-2", "b.md", {"b"});
  EXPECT_EQ(Greffe({"export", "out"}), 0);
  EXPECT_EQ(ReadFile("out/specs/a.md"), "one");
  EXPECT_EQ(ReadFile("out/b.md"), "b");
  EXPECT_EQ(Greffe({"export", "out"}), 1);
  EXPECT_EQ(Greffe({"export", "out", "--force"}), 0);
  std::filesystem::remove_all("out/specs");
  std::filesystem::create_directory("elsewhere");
  std::filesystem::create_directory_symlink("../elsewhere", "out/specs");
  EXPECT_EQ(Greffe({"export", "out", "--force"}), 2);
  EXPECT_TRUE(std::filesystem::is_empty("elsewhere"));
  server_.AddDocument("p", "SPC-3", "../evil", {"evil"});
  EXPECT_EQ(Greffe({"export", "out2"}), 2);
  EXPECT_FALSE(std::filesystem::exists("evil"));
}

}  // namespace
}  // namespace greffe::cli
